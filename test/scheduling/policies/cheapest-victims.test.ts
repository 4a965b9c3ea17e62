import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cheapestVictims } from '../../../src/scheduling/policies/cheapest-victims.ts'
import type { VictimSearch } from '../../../src/scheduling/policies/cheapest-victims.ts'
import { awayMs, harmTo, isWorthDraining } from '../../../src/scheduling/policies/harm.ts'
import type { ResidentModel, WaitingModel } from '../../../src/scheduling/policies/swap-policy.ts'
import { residentModel, viewOf, waitingModel } from './views.ts'

const always = { isForced: true, harmMax: Infinity }

function namesOf(found: VictimSearch): readonly string[] {
  return found.kind === 'found' ? found.evict.map(({ model }) => model.name) : []
}

const anyResident = fc.record({
  bytes: fc.integer({ min: 1, max: 8 }),
  running: fc.integer({ min: 0, max: 3 }),
  queued: fc.integer({ min: 0, max: 3 }),
  rate: fc.double({ min: 0, max: 0.001, noNaN: true }),
  serviceMs: fc.integer({ min: 1, max: 10_000 }),
})

const anyHouse = fc.record({
  residents: fc.array(anyResident, { maxLength: 6 }),
  target: fc.record({ bytes: fc.integer({ min: 1, max: 20 }), queued: fc.integer({ min: 1, max: 9 }) }),
  isForced: fc.boolean(),
})

function houseOf({
  residents,
  target,
}: {
  residents: readonly Partial<ResidentModel>[]
  target: Partial<WaitingModel>
}) {
  const all = residents.map((resident, index) =>
    residentModel(`R${index}`, { ...resident, queuedWeight: resident.queued ?? 0, weightedRate: resident.rate ?? 0 }),
  )
  const waiting = waitingModel('T', { ...target, queuedWeight: target.queued ?? 1 })
  return { waiting, all, view: viewOf({ waiting: [waiting], residents: all }) }
}

test('up to ten residents: no set that makes room harms less', () => {
  fc.assert(
    fc.property(anyHouse, ({ isForced, ...house }) => {
      const { waiting, all, view } = houseOf(house)
      const harms = subsets(all)
        .filter((evict) => view.hasRoom({ target: 'T', evict: evict.map(({ model }) => model.name) }))
        .filter((evict) => {
          const away = awayMs(waiting, evict)
          return isForced || evict.every((v) => v.running === 0 || isWorthDraining(waiting, v, away(v)))
        })
        .map((evict) => {
          const away = awayMs(waiting, evict)
          return evict.reduce((sum, victim) => sum + harmTo(victim, away(victim)), 0)
        })
      const found = cheapestVictims(view, waiting, { isForced, harmMax: Infinity })
      expect(found.kind === 'found' ? found.harm : Infinity).toBeCloseTo(Math.min(Infinity, ...harms), 3)
    }),
  )
})

test('a limit on harm changes nothing but that sets above it are not found', () => {
  fc.assert(
    fc.property(anyHouse, fc.double({ min: 0, max: 1e6, noNaN: true }), ({ isForced, ...house }, harmMax) => {
      const { waiting, view } = houseOf(house)
      const free = cheapestVictims(view, waiting, { isForced, harmMax: Infinity })
      const limited = cheapestVictims(view, waiting, { isForced, harmMax })
      const least = free.kind === 'found' ? free.harm : Infinity
      const told = limited.kind === 'too-harmful' ? limited.harm : Infinity
      expect(limited.kind === 'too-harmful' ? free : limited).toEqual(free)
      expect(limited.kind === 'found').toBe(least <= harmMax)
      // The harm told is too much, and no more than the least there is: who asks again by it is not late.
      expect(told).toBeGreaterThan(harmMax)
      expect(least <= harmMax || told <= least).toBe(true)
    }),
  )
})

test('more than ten residents: a set that makes room is found whenever all together do, and holds nobody needlessly', () => {
  fc.assert(
    fc.property(
      fc.array(anyResident, { minLength: 11, maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (residents, bytes) => {
        const small = residents.map((resident) => ({ ...resident, bytes: 1 + (resident.bytes % 2) }))
        const { waiting, view } = houseOf({ residents: small, target: { queued: 1, bytes } as Partial<WaitingModel> })
        const found = cheapestVictims(view, waiting, always)
        const names = namesOf(found)
        expect(view.hasRoom({ target: 'T', evict: names })).toBe(true)
        for (const name of names) {
          expect(view.hasRoom({ target: 'T', evict: names.filter((other) => other !== name) })).toBe(false)
        }
      },
    ),
  )
})

test('nobody is put out where there is room', () => {
  const target = waitingModel('T')
  const view = viewOf({ waiting: [target], residents: [residentModel('A')] })
  expect(cheapestVictims(view, target, always)).toEqual({ kind: 'found', evict: [], harm: 0 })
})

test('of two idle models that nobody asks for, the one unused for longer goes', () => {
  const target = waitingModel('T')
  const residents = [residentModel('A', { lastUsedAtMs: 20 }), residentModel('B', { lastUsedAtMs: 10 })]
  const found = cheapestVictims(viewOf({ waiting: [target], residents }), target, {
    isForced: false,
    harmMax: Infinity,
  })
  expect(namesOf(found)).toEqual(['B'])
})

test('an eviction that the operator called expensive is avoided', () => {
  const target = waitingModel('T')
  const asked = { rate: 0.000_1, weightedRate: 0.000_1 }
  const residents = [
    residentModel('A', { ...asked, evictCost: 10 }),
    residentModel('B', { ...asked, weightedRate: 0.000_5 }),
  ]
  const found = cheapestVictims(viewOf({ waiting: [target], residents }), target, {
    isForced: false,
    harmMax: Infinity,
  })
  expect(namesOf(found)).toEqual(['B'])
})

test('a busy model that will soon be idle by itself is left alone, unless the request is overdue', () => {
  const target = waitingModel('T')
  // Rarely asked for: idle after its one request, most likely.
  const busy = residentModel('A', { bytes: 20, running: 1, rate: 0.000_01, weightedRate: 0.000_01 })
  const view = viewOf({ waiting: [target], residents: [busy] })
  expect(cheapestVictims(view, target, { isForced: false, harmMax: Infinity })).toEqual({ kind: 'no-room' })
  expect(namesOf(cheapestVictims(view, target, always))).toEqual(['A'])
})

test('whom the constraints protect from this target is no victim', () => {
  const target = waitingModel('T')
  const view = viewOf({ waiting: [target], residents: [residentModel('A', { bytes: 20 })], mayEvict: () => false })
  expect(cheapestVictims(view, target, always)).toEqual({ kind: 'no-room' })
})

function subsets<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  return values.reduce<readonly (readonly Value[])[]>(
    (sets, value) => [...sets, ...sets.map((set) => [...set, value])],
    [[]],
  )
}
