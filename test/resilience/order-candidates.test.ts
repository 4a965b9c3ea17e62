import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isFull } from '../../src/resilience/candidate-load.ts'
import { orderCandidates } from '../../src/resilience/order-candidates.ts'
import type { PolicyName } from '../../src/resilience/order-candidates.ts'
import { anyLoads, backendsOf, load, repeatableRandom } from './candidate-loads.ts'

const byRoom: readonly PolicyName[] = ['ordered', 'round-robin', 'weighted', 'least-busy', 'latency', 'affinity']
const policies = fc.constantFrom<PolicyName>(...byRoom, 'soonest')

const contexts = fc
  .record({ turn: fc.nat(), seed: fc.integer(), affinityKey: fc.option(fc.string(), { nil: undefined }) })
  .map(({ turn, seed, affinityKey }) => ({ turn, random: repeatableRandom(seed), affinityKey }))

test('every policy gives back each candidate exactly once', () => {
  fc.assert(
    fc.property(policies, anyLoads, contexts, (policy, loads, context) => {
      const given = [...loads]
      expect(orderCandidates(policy, loads, context).toSorted(byName)).toEqual(given.toSorted(byName))
      expect(loads).toEqual(given)
    }),
  )
})

test('under every policy but soonest those with room go before the full ones', () => {
  fc.assert(
    fc.property(fc.constantFrom(...byRoom), anyLoads, contexts, (policy, loads, context) => {
      const ranks = orderCandidates(policy, loads, context).map((one) => (one.isAvailable ? Number(isFull(one)) : 2))
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
    }),
  )
})

test('under every policy those that are not well go last', () => {
  fc.assert(
    fc.property(policies, anyLoads, contexts, (policy, loads, context) => {
      const ranks = orderCandidates(policy, loads, context).map(({ isAvailable }) => Number(!isAvailable))
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
    }),
  )
})

test('a short queue where the model is loaded is better than a load where nobody waits', () => {
  const place = { untilLoadedMs: 0, mustLoad: false, ahead: 2, slots: 2, serviceMs: 800 }
  const busy = load('busy', { inFlight: 2, limit: 2, place })
  const cold = load('cold', { place: { ...place, untilLoadedMs: 9_000, mustLoad: true, ahead: 0 } })
  expect(backendsOf(orderCandidates('soonest', [cold, busy], { turn: 0, random: Math.random }))).toEqual([
    'busy',
    'cold',
  ])
})

test('a backend that is down neither takes a turn nor gives its share to one neighbour', () => {
  const loads = [load('a'), load('down', { isAvailable: false }), load('c')]
  const firsts = [0, 1, 2, 3].map(
    (turn) => backendsOf(orderCandidates('round-robin', loads, { turn, random: Math.random }))[0],
  )
  expect(firsts).toEqual(['a', 'c', 'a', 'c'])
})

test('the preferred backend spills over to the next when it is full, and is kept as a last choice (N1.12)', () => {
  const loads = [load('main', { inFlight: 2, limit: 2 }), load('second', { inFlight: 1, limit: 2 })]
  const context = { turn: 0, random: Math.random }
  expect(backendsOf(orderCandidates('ordered', loads, context))).toEqual(['second', 'main'])
})

function byName(one: ReturnType<typeof load>, other: ReturnType<typeof load>): number {
  return one.candidate.backend.localeCompare(other.candidate.backend)
}
