import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { contextBudget } from '../../../src/memory/recall/context-budget.ts'

test('what is configured holds where the model has room, or nobody says how much', () => {
  expect(contextBudget({ budget: 1_500, promptTokens: 50 })).toBe(1_500)
  expect(contextBudget({ budget: 1_500, promptTokens: 50, contextLength: 32_768 })).toBe(1_500)
})

test('a quarter of what is free in the context is the most', () => {
  expect(contextBudget({ budget: 1_500, promptTokens: 1_048, contextLength: 4_096 })).toBe(762)
  expect(contextBudget({ budget: 1_500, promptTokens: 48, contextLength: 4_096, replyTokens: 2_000 })).toBe(512)
})

test('a full context has no room, however it came to be full', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(1e9), (contextLength, promptTokens, replyTokens) => {
      const tokens = contextBudget({ budget: 1_500, contextLength, promptTokens, replyTokens })
      expect(tokens).toBeGreaterThanOrEqual(0)
      expect(tokens * 4).toBeLessThanOrEqual(Math.max(0, contextLength - promptTokens))
    }),
  )
})
