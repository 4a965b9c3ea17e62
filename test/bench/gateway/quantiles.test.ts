import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { median, quantiles } from '../../../src/bench/gateway/quantiles.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })

test('a quantile is one of the values, with that share of them at or below it', () => {
  fc.assert(
    fc.property(values, (all) => {
      const { p50, p90, p99, max } = quantiles(all)
      for (const [value, share] of [
        [p50, 0.5],
        [p90, 0.9],
        [p99, 0.99],
        [max, 1],
      ] as const) {
        expect(all.some((one) => one === value)).toBe(true)
        expect(all.filter((one) => one <= value).length).toBeGreaterThanOrEqual(share * all.length)
        expect(all.filter((one) => one < value).length).toBeLessThan(share * all.length)
      }
    }),
  )
})

test('the median has as many values above it as below', () => {
  fc.assert(
    fc.property(values, (all) => {
      const middle = median(all)
      expect(all.filter((one) => one < middle).length).toBeLessThanOrEqual(all.length / 2)
      expect(all.filter((one) => one > middle).length).toBeLessThanOrEqual(all.length / 2)
    }),
  )
  expect(median([1, 2, 10, 20])).toBe(6)
})

test('nothing has no median', () => {
  expect(median([])).toBeNaN()
  expect(quantiles([]).p50).toBeNaN()
})
