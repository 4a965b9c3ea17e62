import { expect, test } from 'vitest'

import { askedLoadingState } from '../../../src/gateway/request/loading-state.ts'

test('a client that says nothing leaves it to the configuration', () => {
  expect(askedLoadingState({})).toBeUndefined()
})

test('each of the four words is taken', () => {
  for (const state of ['off', 'comment', 'reasoning', 'status'] as const) {
    expect(askedLoadingState({ 'x-llmr-loading': state })).toBe(state)
  }
})

test('another word is refused, with those that are known', () => {
  expect(() => askedLoadingState({ 'x-llmr-loading': 'on' })).toThrow(
    expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining('off, comment, reasoning') }),
  )
})

test('another gateway is shown nothing unasked: without a byte of a reply it can still go elsewhere', () => {
  expect(askedLoadingState({ 'x-llmr-hop': 'front' })).toBe('off')
  expect(askedLoadingState({ 'x-llmr-hop': 'front', 'x-llmr-loading': 'status' })).toBe('status')
})
