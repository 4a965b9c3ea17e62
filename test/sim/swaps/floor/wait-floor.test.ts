import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { cheapestPlan } from '../../../../src/sim/swaps/floor/cheapest-plan.ts'
import { PriceCurve, horizonBins } from '../../../../src/sim/swaps/floor/price-curve.ts'
import { residencyDemands } from '../../../../src/sim/swaps/floor/residency-demand.ts'
import type { ResidencyDemand } from '../../../../src/sim/swaps/floor/residency-demand.ts'
import { waitFloor } from '../../../../src/sim/swaps/floor/wait-floor.ts'
import { policies, replayed, request, workOf } from '../replayed.ts'

const widthMs = 7_000

const anyPrices = fc.array(fc.constantFrom(0, 0, 0.2, 0.7, 1.5, 3), { minLength: 20, maxLength: 20 })
const anyGaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 4 })

function demandOf(gapsMs: readonly number[], slots: number): ResidencyDemand {
  let arrivalMs = 0
  const rows = gapsMs.map((gapMs) => {
    arrivalMs += gapMs
    return request(arrivalMs / 1000, 'A', { outputTokens: 50 + (gapMs % 300) })
  })
  return residencyDemands(workOf({ rows, slots }))[0]!
}

test('no plan of one model is cheaper, by trying every grouping of its requests and every beginning on a grid', () => {
  fc.assert(
    fc.property(anyGaps, anyPrices, fc.integer({ min: 1, max: 2 }), fc.boolean(), (gaps, prices, slots, loadsAhead) => {
      const demand = demandOf(gaps, slots)
      const curve = new PriceCurve(Float64Array.from(prices), widthMs)
      const { cost } = cheapestPlan(demand, curve, { loadsAhead })
      const tried = cheapestByTrying(demand, curve, loadsAhead)
      expect(cost).toBeLessThanOrEqual(tried + 1e-3)
      // The grid misses each best beginning by less than a step: so long is waited, or a price paid at either end.
      expect(cost).toBeGreaterThan(tried - gridMs * gaps.length * (1 + 2 * 3))
    }),
    { numRuns: 40 },
  )
})

test('a plan costs what its residency and its waiting cost', () => {
  const demand = demandOf([0, 1_000, 60_000], 4)
  const free = new PriceCurve(new Float64Array(20), widthMs)
  expect(cheapestPlan(demand, free, { loadsAhead: true }).cost).toBe(0)
  const { cost, held } = cheapestPlan(demand, free, { loadsAhead: false })
  // The first two wait for the load; memory is free, so the third finds the model there.
  expect(cost).toBeCloseTo(2 * demand.loadMs - 1_000, 3)
  expect(held).toHaveLength(1)
  const dear = new PriceCurve(new Float64Array(20).fill(1), widthMs)
  expect(cheapestPlan(demand, dear, { loadsAhead: false }).held).toHaveLength(2)
})

test('a plan that stays for the next request and leaves after it says so', () => {
  const dear = new PriceCurve(new Float64Array(20).fill(1), widthMs)
  const { held } = cheapestPlan(demandOf([0, 12_000, 60_000], 4), dear, { loadsAhead: false })
  expect(held).toHaveLength(2)
  expect(held[0]?.fromMs).toBe(0)
  expect(held[0]?.toMs).toBeGreaterThan(12_000)
  expect(held[0]?.toMs).toBeLessThan(20_000)
})

test('the highest price ahead is the highest within the horizon', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 }), (prices) => {
      const curve = new PriceCurve(Float64Array.from(prices), 1)
      for (const bin of prices.keys()) {
        expect(curve.highestFrom(bin)).toBe(Math.max(...prices.slice(bin, bin + horizonBins)))
      }
    }),
  )
})

test('no policy waits less than the floor', () => {
  const arrivals = fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.constantFrom('A', 'B', 'C', 'D')), {
    minLength: 20,
    maxLength: 60,
  })
  fc.assert(
    fc.property(arrivals, (all) => {
      let seconds = 0
      const rows = all.map(([gapMs, model]) => request((seconds += gapMs / 1000), model))
      const workload = { rows, sizesGb: [16, 12, 8], slots: 2 }
      const floor = waitFloor(workOf(workload), { iterations: 40 })
      expect(floor.clairvoyantMs).toBeLessThanOrEqual(floor.reactiveMs)
      expect(floor.slotsOnlyMs).toBeLessThanOrEqual(floor.clairvoyantMs)
      for (const policy of Object.values(policies)) {
        const { meanMs } = replayed(workload, { policy }).figures.wait
        expect(floor.reactiveMs).toBeLessThanOrEqual(meanMs + 1e-6)
      }
    }),
    { numRuns: 8 },
  )
})

test('a busy card has a floor well above what slots alone cost', () => {
  const rows = Array.from({ length: 90 }, (_, index) => request(2 * index, 'ABC'[index % 3]!))
  const floor = waitFloor(workOf({ rows }), { iterations: 100 })
  expect(floor.slotsOnlyMs).toBe(0)
  expect(floor.reactiveMs).toBeGreaterThan(6_000)
})

const gridMs = 100

/** The same question answered the slow way. */
function cheapestByTrying(demand: ResidencyDemand, curve: PriceCurve, loadsAhead: boolean): number {
  const { starts, services, ends, arrivals, loadMs, stopMs, slots } = demand
  const count = starts.length
  const paid = (fromMs: number, toMs: number): number => curve.until(toMs) - curve.until(fromMs)
  const known = new Map<number, number>()
  const fromAbsent = (first: number): number => {
    if (first === count) return 0
    const before = known.get(first)
    if (before !== undefined) return before
    let best = Infinity
    const earliest = loadsAhead ? starts[first]! : Math.max(starts[first]!, arrivals[first]! + loadMs)
    for (let begin = earliest; begin - starts[first]! < best && begin < 300_000; begin += gridMs) {
      const freeAt = Array.from({ length: slots }, () => 0)
      let [waited, endMs] = [0, 0]
      for (let last = first; last < count; last += 1) {
        freeAt.sort((one, other) => one - other)
        const isInBatch = last === first || starts[last]! < begin - 1e-6
        const startMs = isInBatch ? begin + freeAt[0]! : starts[last]!
        if (isInBatch) freeAt[0] = freeAt[0]! + services[last]!
        waited += startMs - starts[last]!
        endMs = Math.max(endMs, startMs + services[last]!, ends[last]!)
        const isNextThere = last + 1 < count && starts[last + 1]! < begin - 1e-6
        if (isNextThere) continue
        const leave = last + 1 < count ? paid(endMs, endMs + stopMs) : 0
        best = Math.min(best, waited + paid(begin - loadMs, endMs) + leave + fromAbsent(last + 1))
      }
    }
    known.set(first, best)
    return best
  }
  return fromAbsent(0)
}
