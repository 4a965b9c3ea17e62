import { expect, test } from 'vitest'

import { ArrivalRate } from '../../../src/scheduling/state/arrival-rate.ts'
import { RunningMean } from '../../../src/scheduling/state/running-mean.ts'

test('the last five arrivals over the time since the first of them and one load', () => {
  const rate = new ArrivalRate()
  for (const atMs of [0, 1_000, 2_000, 3_000, 4_000, 5_000]) rate.add(atMs, 2)
  expect(rate.perMs({ nowMs: 6_000, loadMs: 5_000 })).toEqual({ count: 5 / 10_000, weighted: 10 / 10_000 })
})

test('it falls by itself when nobody comes, and is nothing before anybody came', () => {
  const rate = new ArrivalRate()
  expect(rate.perMs({ nowMs: 0, loadMs: 0 }).count).toBe(0)
  rate.add(0, 1)
  expect(rate.perMs({ nowMs: 99_000, loadMs: 1_000 }).count).toBe(1 / 100_000)
})

test('a mean is a guess until something was measured, then follows what is measured', () => {
  const mean = new RunningMean(1_000, 0.2)
  mean.guess(2_000)
  expect(mean.value).toBe(2_000)
  mean.add(500)
  mean.guess(9_000)
  expect(mean.value).toBe(500)
  mean.add(1_000)
  expect(mean.value).toBe(600)
})
