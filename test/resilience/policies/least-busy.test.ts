import { expect, test } from 'vitest'

import type { CandidateLoad } from '../../../src/resilience/candidate-load.ts'
import { leastBusy } from '../../../src/resilience/policies/least-busy.ts'
import { backendsOf, load } from '../candidate-loads.ts'

const order = (...loads: readonly CandidateLoad[]): readonly string[] =>
  backendsOf(leastBusy(loads, { turn: 0, random: Math.random }))

test('the smaller share of slots in use wins, not the smaller number', () => {
  expect(order(load('small', { inFlight: 1, limit: 2 }), load('big', { inFlight: 2, limit: 8 }))).toEqual([
    'big',
    'small',
  ])
})

test('with equal shares the one with fewer requests wins', () => {
  expect(order(load('a', { inFlight: 4, limit: 8 }), load('b', { inFlight: 1, limit: 2 }))).toEqual(['b', 'a'])
})

test('a server that does not tell its slots is compared all the same', () => {
  expect(order(load('a', { inFlight: 3 }), load('b', { inFlight: 1, limit: 2 }), load('c', { inFlight: 1 }))).toEqual([
    'c',
    'b',
    'a',
  ])
})

test('a backend that has the model loaded goes before an idle one that would have to load it', () => {
  const cold = load('cold', { description: { isLoaded: false } })
  expect(order(cold, load('warm', { inFlight: 3, limit: 4, description: { isLoaded: true } }))).toEqual([
    'warm',
    'cold',
  ])
  expect(order(cold, load('silent', { inFlight: 3, limit: 4 }))).toEqual(['silent', 'cold'])
})

test("when all are idle the operator's order decides", () => {
  expect(order(load('b'), load('a'), load('c', { limit: 2 }))).toEqual(['b', 'a', 'c'])
})
