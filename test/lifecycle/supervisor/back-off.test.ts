import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { afterCrash, afterFailure, noBackOff } from '../../../src/lifecycle/supervisor/back-off.ts'

test('waits double from one second to a minute', () => {
  const waits: number[] = []
  let backOff = noBackOff
  for (let count = 0; count < 9; count++) {
    backOff = afterFailure(backOff, 500)
    waits.push(backOff.retryAtMs - 500)
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('one that served for a while before it crashed is started again soon; one that did not is a failed start', () => {
  const backOff = { failures: 5, retryAtMs: 0 }
  expect(afterCrash(backOff, { servedMs: 10_000, nowMs: 0 })).toEqual({ failures: 1, retryAtMs: 1_000 })
  expect(afterCrash(backOff, { servedMs: 9_999, nowMs: 0 })).toEqual({ failures: 6, retryAtMs: 32_000 })
})

test('no number of failures makes the wait anything but a time within a minute', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (failures, nowMs) => {
      const { retryAtMs } = afterFailure({ failures, retryAtMs: 0 }, nowMs)
      expect(retryAtMs).toBeGreaterThan(nowMs)
      expect(retryAtMs).toBeLessThanOrEqual(nowMs + 60_000)
    }),
  )
})
