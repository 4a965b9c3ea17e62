import { describe, expect, test } from 'vitest'

import { isRestoreWorthwhile, judgeRestore } from '../../../src/lifecycle/slots/judge-restore.ts'

describe('a restore', () => {
  test('that the engine takes its prompt from was of use', () => {
    expect(judgeRestore({ restoredTokens: 2_393, promptTokens: 2_400, cachedTokens: 2_389 })).toBe('used')
  })

  test('that it reads everything again after was not, whatever it said', () => {
    expect(judgeRestore({ restoredTokens: 2_393, promptTokens: 2_400, cachedTokens: 0 })).toBe('missed')
    expect(judgeRestore({ restoredTokens: 2_393, promptTokens: 2_400, cachedTokens: 100 })).toBe('missed')
  })

  test('is not blamed for a prompt that is shorter than what was restored', () => {
    expect(judgeRestore({ restoredTokens: 10_000, promptTokens: 600, cachedTokens: 580 })).toBe('used')
  })

  test('is worth while when reading it takes less time than computing it', () => {
    const speeds = { diskBytesPerSecond: 1e9, prefillTokensPerSecond: 1_000 }
    expect(isRestoreWorthwhile({ bytes: 20e6, tokens: 2_400, ...speeds })).toBe(true)
    expect(isRestoreWorthwhile({ bytes: 20e6, tokens: 10, ...speeds })).toBe(false)
  })
})
