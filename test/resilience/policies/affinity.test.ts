import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { CandidateLoad } from '../../../src/resilience/candidate-load.ts'
import { affinity } from '../../../src/resilience/policies/affinity.ts'
import { leastBusy } from '../../../src/resilience/policies/least-busy.ts'
import { anyLoads, backendsOf, load } from '../candidate-loads.ts'

const context = (affinityKey?: string) => ({ turn: 0, random: () => 0.5, affinityKey })
const homeOf = (key: string, loads: readonly CandidateLoad[]): string | undefined =>
  backendsOf(affinity(loads, context(key)))[0]

/** Idle backends by distinct names, in no order. */
const idleFleets = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 8 })
  .map((names) => names.map((name) => load(name)))

describe('the home of a key', () => {
  test('does not depend on the order of the candidates', () => {
    fc.assert(
      fc.property(idleFleets, fc.string(), (fleet, key) => {
        expect(homeOf(key, fleet.toReversed())).toBe(homeOf(key, fleet))
      }),
    )
  })

  test('stays when another backend leaves or joins; the keys of one that leaves go to their next', () => {
    fc.assert(
      fc.property(idleFleets, fc.string(), fc.nat(7), (fleet, key, which) => {
        const leaving = fleet[which % fleet.length]
        const rest = fleet.filter((other) => other !== leaving)
        const [home, next] = backendsOf(affinity(fleet, context(key)))
        expect(homeOf(key, rest)).toBe(home === leaving?.candidate.backend ? next : home)
      }),
    )
  })

  test('is spread evenly, also over backends whose names differ in one digit', () => {
    const fleet = ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4'].map((name) => load(name))
    const counts = new Map<string | undefined, number>()
    for (let session = 0; session < 4_000; session += 1) {
      const home = homeOf(`session-${session}`, fleet)
      counts.set(home, (counts.get(home) ?? 0) + 1)
    }
    expect(Math.min(...counts.values())).toBeGreaterThan(900)
    expect(Math.max(...counts.values())).toBeLessThan(1_100)
    expect(counts.size).toBe(4)
  })

  test('is the same in every process and release, or an upgrade would empty every cache', () => {
    const fleet = ['gpu-1', 'gpu-2', 'gpu-3'].map((name) => load(name))
    expect(['a', 'b', 'c', 'session-42'].map((key) => homeOf(key, fleet))).toEqual(['gpu-3', 'gpu-1', 'gpu-1', 'gpu-3'])
  })
})

describe('bounded load', () => {
  test('the first choice is never busier than a quarter above the mean and one', () => {
    fc.assert(
      fc.property(anyLoads, fc.string(), (loads, key) => {
        const mean = loads.reduce((sum, { inFlight }) => sum + inFlight, 0) / loads.length
        expect(affinity(loads, context(key))[0]?.inFlight).toBeLessThanOrEqual(1.25 * mean + 1)
      }),
    )
  })

  test('a conversation keeps its home with one more request there than elsewhere', () => {
    fc.assert(
      fc.property(idleFleets, fc.string(), (fleet, key) => {
        const home = homeOf(key, fleet)
        const busier = fleet.map((one) => (one.candidate.backend === home ? { ...one, inFlight: 1 } : one))
        expect(homeOf(key, busier)).toBe(home)
      }),
    )
  })

  test('a home that is far busier than the others is left for the next in the key’s own order', () => {
    fc.assert(
      fc.property(idleFleets, fc.string(), (fleet, key) => {
        const [home, next] = backendsOf(affinity(fleet, context(key)))
        const swamped = fleet.map((one) => (one.candidate.backend === home ? { ...one, inFlight: 9 } : one))
        expect(homeOf(key, swamped)).toBe(next)
      }),
    )
  })
})

test('a backend that would have to load the model is nobody’s home while another has it', () => {
  const cold = load('cold', { description: { isLoaded: false } })
  const homes = Array.from({ length: 50 }, (_, session) => homeOf(`${session}`, [cold, load('warm')]))
  expect(new Set(homes)).toEqual(new Set(['warm']))
})

test('without a key the least busy is taken', () => {
  fc.assert(
    fc.property(anyLoads, (loads) => {
      expect(affinity(loads, context())).toEqual(leastBusy(loads, context()))
    }),
  )
})
