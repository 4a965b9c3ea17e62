import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { CandidateLoad, PlaceForecast } from '../../../src/resilience/candidate-load.ts'
import { expectedFirstByteMs, soonest } from '../../../src/resilience/policies/soonest.ts'
import { backendsOf, load } from '../candidate-loads.ts'

const context = (affinityKey?: string) => ({ turn: 0, random: () => 0.5, affinityKey })

const loaded: PlaceForecast = { untilLoadedMs: 0, mustLoad: false, ahead: 0, slots: 2, serviceMs: 1_000 }
const cold: PlaceForecast = { ...loaded, untilLoadedMs: 10_000, mustLoad: true }

const places = fc
  .record({
    untilLoadedMs: fc.integer({ min: 0, max: 60_000 }),
    ahead: fc.nat(20),
    slots: fc.integer({ min: 1, max: 8 }),
    serviceMs: fc.integer({ min: 0, max: 20_000 }),
    mustLoad: fc.boolean(),
  })
  .map((place): PlaceForecast => ({ ...place, mustLoad: place.mustLoad && place.untilLoadedMs > 0 }))

const fleets = fc
  .array(fc.record({ place: fc.option(places, { nil: undefined }), latencyMs: fc.nat(5_000) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => all.map((facts, index) => load(`box-${index}`, facts)))

function waitOf(one: CandidateLoad | undefined, fleet: readonly CandidateLoad[]): number {
  return one === undefined ? Infinity : expectedFirstByteMs(one, fleet)
}

test('the first choice is never much later than the best there is, with a key or without', () => {
  fc.assert(
    fc.property(fleets, fc.option(fc.string(), { nil: undefined }), (fleet, key) => {
      const best = Math.min(...fleet.map((one) => waitOf(one, fleet)))
      expect(waitOf(soonest(fleet, context(key))[0], fleet)).toBeLessThanOrEqual(best * 1.5 + 250)
    }),
  )
})

test('whoever has one more before it, or longer to load, is expected no sooner', () => {
  fc.assert(
    fc.property(places, fc.nat(5), fc.nat(10_000), (place, more, longerMs) => {
      const [one, other] = [
        load('one', { place }),
        load('other', {
          place: { ...place, ahead: place.ahead + more, untilLoadedMs: place.untilLoadedMs + longerMs },
        }),
      ]
      expect(waitOf(other, [])).toBeGreaterThanOrEqual(waitOf(one, []))
    }),
  )
})

test('a model in memory beats one that has to be loaded, whichever the operator named first', () => {
  const fleet = [load('cold', { place: cold }), load('warm', { place: loaded })]
  for (const key of [undefined, 'a', 'b', 'c'])
    expect(backendsOf(soonest(fleet, context(key)))).toEqual(['warm', 'cold'])
})

test('a queue that is longer than a load is worth sends the next to the other machine', () => {
  const crowded = load('crowded', { place: { ...loaded, ahead: 60 } })
  expect(backendsOf(soonest([crowded, load('idle', { place: cold })], context()))).toEqual(['idle', 'crowded'])
})

test('a load that is under way is joined before a second one is begun elsewhere', () => {
  const loading = load('loading', { place: { ...cold, mustLoad: false, untilLoadedMs: 9_000, ahead: 3 } })
  expect(backendsOf(soonest([load('idle', { place: cold }), loading], context()))).toEqual(['loading', 'idle'])
})

test('of two that are as soon, a conversation keeps to one, and who has none goes to the first', () => {
  const fleet = [load('one', { place: loaded, latencyMs: 80 }), load('two', { place: loaded, latencyMs: 95 })]
  expect(backendsOf(soonest(fleet, context()))[0]).toBe('one')
  const homes = new Set(Array.from({ length: 40 }, (_, key) => backendsOf(soonest(fleet, context(`chat-${key}`)))[0]))
  expect(homes).toEqual(new Set(['one', 'two']))
  expect(soonest(fleet, context('chat-1'))).toEqual(soonest(fleet, context('chat-1')))
})

test('one that tells nothing of itself is taken by what was measured, and by whether it is known to be cold', () => {
  const silent = load('silent', { latencyMs: 400 })
  const coldSilent = load('cold', { description: { isLoaded: false } })
  expect(backendsOf(soonest([coldSilent, load('far', { place: cold }), silent], context()))[0]).toBe('silent')
})
