import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { warmLoadMs } from '../../../src/gateway/fleet/warm-load.ts'

test('the more of its files is cached, the sooner a model is expected, and never later than before', () => {
  const ms = fc.nat(100_000)
  fc.assert(
    fc.property(ms, ms, fc.double({ min: 0, max: 1, noNaN: true }), (expectedMs, warmMs, share) => {
      const loadMs = warmLoadMs({ expectedMs, warmMs, share })
      expect(loadMs).toBeLessThanOrEqual(expectedMs)
      expect(loadMs).toBeGreaterThanOrEqual(warmLoadMs({ expectedMs, warmMs }))
    }),
  )
  expect(warmLoadMs({ expectedMs: 10_000, warmMs: 2_000, share: 0.5 })).toBe(6_000)
  expect(warmLoadMs({ expectedMs: 10_000, warmMs: 2_000 })).toBe(2_000)
})
