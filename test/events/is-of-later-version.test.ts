import { expect, test } from 'vitest'

import { isOfLaterVersion } from '../../src/events/is-of-later-version.ts'

const known = ['llmr.chat.v1', 'llmr.chat.v3', 'llmr.flow.v1']

test.each([
  ['llmr.chat.v4', true],
  ['llmr.flow.v2', true],
  ['llmr.chat.v3', false],
  ['llmr.chat.v2', false],
  ['llmr.other.v9', false],
  ['llmr.chat', false],
  ['', false],
])('of the versions that are known, "%s" is a later one: %s', (type, expected) => {
  expect(isOfLaterVersion(type, known)).toBe(expected)
})
