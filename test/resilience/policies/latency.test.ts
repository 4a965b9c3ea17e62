import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { CandidateLoad } from '../../../src/resilience/candidate-load.ts'
import { latency } from '../../../src/resilience/policies/latency.ts'
import { backendsOf, load, repeatableRandom } from '../candidate-loads.ts'

const first = (loads: readonly CandidateLoad[], random: () => number): string | undefined =>
  backendsOf(latency(loads, { turn: 0, random }))[0]

test('of two, the one with the shorter expected wait is taken, whatever is drawn', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (drawn) => {
      const random = (): number => drawn
      expect(first([load('slow', { latencyMs: 900 }), load('fast', { latencyMs: 100 })], random)).toBe('fast')
      const busy = load('fast-but-busy', { latencyMs: 100, inFlight: 9 })
      expect(first([busy, load('slow', { latencyMs: 900 })], random)).toBe('slow')
    }),
  )
})

test('the worst of many is never the first choice, and the best is not always', () => {
  const loads = [1, 2, 3, 4].map((seconds) => load(`${seconds}s`, { latencyMs: seconds * 1_000 }))
  const random = repeatableRandom(11)
  const choices = new Set(Array.from({ length: 500 }, () => first(loads, random)))
  expect(choices).toEqual(new Set(['1s', '2s', '3s']))
})

test('one that was never measured is tried first, but not with everything at once', () => {
  const measured = load('measured', { latencyMs: 500, inFlight: 1 })
  const random = (): number => 0
  expect(first([measured, load('new')], random)).toBe('new')
  expect(first([measured, load('new', { inFlight: 2 })], random)).toBe('measured')
})

test('before anything is measured, requests in flight decide', () => {
  expect(first([load('a', { inFlight: 2 }), load('b', { inFlight: 1 })], () => 0)).toBe('b')
})

test('a mean that has faded to nothing still tells one request in flight from ten', () => {
  const loads = [load('a', { latencyMs: 0, inFlight: 10 }), load('b', { latencyMs: 0, inFlight: 1 })]
  expect(first(loads, () => 0)).toBe('b')
})

test('after the first choice the rest stand by expected wait', () => {
  const loads = [3, 1, 2].map((seconds) => load(`${seconds}s`, { latencyMs: seconds * 1_000 }))
  // Draws the second and the third by wait.
  const draws = [0.4, 0.1]
  const random = (): number => draws.shift() ?? 0
  expect(backendsOf(latency(loads, { turn: 0, random }))).toEqual(['2s', '1s', '3s'])
})
