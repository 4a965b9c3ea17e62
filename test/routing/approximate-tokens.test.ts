import { expect, test } from 'vitest'

import { approximateTokens } from '../../src/routing/approximate-tokens.ts'

test('a prompt is about a quarter as many tokens as characters, and images cost on top', () => {
  expect(approximateTokens({ textLength: 0, hasImages: false })).toBe(0)
  expect(approximateTokens({ textLength: 4_001, hasImages: false })).toBe(1_001)
  expect(approximateTokens({ textLength: 4_000, hasImages: true })).toBeGreaterThan(1_000)
})
