import { expect, test } from 'vitest'

import { modelMatcher } from '../../../src/http/auth/model-matcher.ts'

test('without patterns there is nothing to ask, with none in the list nothing is allowed', () => {
  expect(modelMatcher(undefined)).toBeUndefined()
  expect(modelMatcher([])?.('qwen3')).toBe(false)
})

test('any of the patterns is enough', () => {
  const matches = modelMatcher(['qwen*', 'auto'])
  expect(['qwen3', 'auto', 'gpt-5'].map((model) => matches?.(model))).toEqual([true, true, false])
})

test('a name too long to be a model is refused before a pattern with many stars can take for ever', () => {
  const matches = modelMatcher(['*'.repeat(40) + 'b', '*'])
  expect(matches?.('a'.repeat(257))).toBe(false)
  expect(modelMatcher(['*'])?.('a'.repeat(256))).toBe(true)
})
