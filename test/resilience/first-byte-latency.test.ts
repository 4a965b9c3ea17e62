import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { latencyAfter, latencyAt } from '../../src/resilience/first-byte-latency.ts'
import type { FirstByteLatency } from '../../src/resilience/first-byte-latency.ts'

const halfLifeMs = 60_000
const rounding = 1e-6
const latencies = fc.double({ min: 0, max: 600_000, noNaN: true })

test('the first sample is the mean', () => {
  expect(latencyAfter(undefined, { latencyMs: 250, nowMs: 7 })).toEqual({ meanMs: 250, atMs: 7 })
})

test('a mean lies between what it was and the new sample', () => {
  fc.assert(
    fc.property(latencies, latencies, fc.nat(1_000_000), (first, second, passedMs) => {
      const before = latencyAfter(undefined, { latencyMs: first, nowMs: 0 })
      const { meanMs } = latencyAfter(before, { latencyMs: second, nowMs: passedMs }, halfLifeMs)
      expect(meanMs).toBeGreaterThanOrEqual(Math.min(first, second) - rounding)
      expect(meanMs).toBeLessThanOrEqual(Math.max(first, second) + rounding)
    }),
  )
})

test('half the weight is lost in one half-life', () => {
  const before = latencyAfter(undefined, { latencyMs: 1_000, nowMs: 0 })
  expect(latencyAfter(before, { latencyMs: 0, nowMs: halfLifeMs }, halfLifeMs).meanMs).toBeCloseTo(500)
  expect(latencyAt(before, halfLifeMs, halfLifeMs)).toBeCloseTo(500)
})

test('a burst of samples at one moment still moves the mean to where they are', () => {
  let latency: FirstByteLatency = { meanMs: 10_000, atMs: 0 }
  for (let sample = 0; sample < 30; sample += 1) latency = latencyAfter(latency, { latencyMs: 100, nowMs: 0 })
  expect(latency.meanMs).toBeLessThan(150)
})

test('a backend that was slow and then idle looks faster than a busy one after a while, so it is tried again (N5.5)', () => {
  const slow = latencyAfter(undefined, { latencyMs: 20_000, nowMs: 0 })
  expect(latencyAt(slow, 0)).toBeGreaterThan(500)
  expect(latencyAt(slow, 6 * halfLifeMs)).toBeLessThan(500)
})

test('a clock that seems to stand still or go back changes nothing but the sample', () => {
  const before: FirstByteLatency = { meanMs: 100, atMs: 1_000 }
  expect(latencyAt(before, 500)).toBe(100)
})
