import { cheapestPlan } from './cheapest-plan.ts'
import type { Interval } from './cheapest-plan.ts'
import { PriceCurve } from './price-curve.ts'
import { statementCount } from './residency-demand.ts'
import type { ResidencyDemand } from './residency-demand.ts'

/**
 * The highest floor found under the total wait, in milliseconds. Steps follow the subgradient, which is how much more than
 * allowed each statement is used in each bin; their length aims at a floor somewhat above the best so far. Steps that
 * lead nowhere for a while go back to the best prices and aim lower.
 */
export function raisePrices(demands: readonly ResidencyDemand[], search: PriceSearch): number {
  const { slotsMs, requests } = search
  const grid = gridOf(demands)
  let prices: Prices = emptyPrices(grid)
  let best: { readonly floorMs: number; readonly prices: Prices; readonly excess: Prices } | undefined
  let aimMs = 0.5 * ((search.targetMs ?? 10_000) * requests - slotsMs)
  let direction: Prices | undefined
  let staleRounds = 0

  for (let round = 0; round < search.iterations; round += 1) {
    const priced = priceOut(demands, { prices, grid, search })
    const { floorMs } = priced
    let { excess } = priced
    const before = best?.floorMs ?? slotsMs
    if (floorMs > before) {
      if (floorMs > before + 0.3 * aimMs) aimMs *= 1.25
      best = { floorMs, prices, excess }
      staleRounds = 0
    } else {
      staleRounds += 1
      if (staleRounds >= staleRoundsMax) {
        aimMs *= 0.6
        staleRounds = 0
        direction = undefined
        if (best) ({ prices, excess } = best)
      }
    }
    direction = direction === undefined ? excess : mixed(excess, direction)
    const norm = lengthSquared(direction, prices)
    if (norm <= 0 || aimMs < 0.1 * requests) break
    const bestMs = best?.floorMs ?? slotsMs
    prices = stepped(prices, direction, Math.max(bestMs + aimMs - floorMs, 0.3 * aimMs) / norm)
  }
  return best?.floorMs ?? slotsMs
}

export interface PriceSearch {
  readonly loadsAhead: boolean
  readonly iterations: number
  readonly requests: number
  /** Total time waited for slots alone, which no memory saves. */
  readonly slotsMs: number
  /** Mean wait of a known schedule. */
  readonly targetMs?: number
}

const staleRoundsMax = 6

/** By statement, then by bin. */
type Prices = readonly Float64Array[]

interface Grid {
  readonly bins: number
  readonly widthMs: number
  /** Statements that bind no model are left out. */
  readonly statements: readonly number[]
}

/** At most 1,500 bins of at least five seconds. */
function gridOf(demands: readonly ResidencyDemand[]): Grid {
  const spanMs = Math.max(...demands.map(({ ends }) => ends.at(-1) ?? 0)) + 60_000
  const widthMs = Math.max(5_000, spanMs / 1_500)
  const statements = Array.from({ length: statementCount }, (_, index) => index)
  return {
    bins: Math.floor(spanMs / widthMs) + 2,
    widthMs,
    statements: statements.filter((index) => demands.some(({ shares }) => (shares[index] ?? 0) > 0)),
  }
}

/** The floor at these prices, and how much each statement is overused (or underused, if negative) by the cheapest plans. */
function priceOut(
  demands: readonly ResidencyDemand[],
  { prices, grid, search }: { readonly prices: Prices; readonly grid: Grid; readonly search: PriceSearch },
): { readonly floorMs: number; readonly excess: Prices } {
  const excess = emptyPrices(grid).map((bins) => bins.fill(-grid.widthMs))
  let floorMs = search.slotsMs
  for (const bins of prices) for (const price of bins) floorMs -= price * grid.widthMs
  for (const { shares, members } of byShares(demands)) {
    const curve = new PriceCurve(sumOf(prices, shares, grid), grid.widthMs)
    const heldMs = new Float64Array(grid.bins)
    for (const demand of members) {
      const { cost, held } = cheapestPlan(demand, curve, search)
      floorMs += cost
      for (const interval of held) addTo(heldMs, interval, grid.widthMs)
    }
    for (const [position, statement] of grid.statements.entries()) {
      const share = shares[statement] ?? 0
      const bins = excess[position]
      if (share > 0 && bins)
        for (let bin = 0; bin < grid.bins; bin += 1) bins[bin] = (bins[bin] ?? 0) + share * (heldMs[bin] ?? 0)
    }
  }
  return { floorMs, excess }
}

/** Models of one size pay one price. */
function byShares(demands: readonly ResidencyDemand[]) {
  const groups = new Map<string, { readonly shares: readonly number[]; readonly members: ResidencyDemand[] }>()
  for (const demand of demands) {
    const key = demand.shares.join()
    const group = groups.get(key)
    if (group) group.members.push(demand)
    else groups.set(key, { shares: demand.shares, members: [demand] })
  }
  return groups.values()
}

function sumOf(prices: Prices, shares: readonly number[], { bins, statements }: Grid): Float64Array {
  const sum = new Float64Array(bins)
  for (const [position, statement] of statements.entries()) {
    const [share, own] = [shares[statement] ?? 0, prices[position]]
    if (share > 0 && own) for (let bin = 0; bin < bins; bin += 1) sum[bin] = (sum[bin] ?? 0) + share * (own[bin] ?? 0)
  }
  return sum
}

function addTo(heldMs: Float64Array, { fromMs, toMs }: Interval, widthMs: number): void {
  const from = Math.max(0, fromMs)
  const to = Math.min(toMs, heldMs.length * widthMs)
  for (let bin = Math.floor(from / widthMs); bin < heldMs.length && bin * widthMs < to; bin += 1) {
    heldMs[bin] = (heldMs[bin] ?? 0) + Math.min(to, (bin + 1) * widthMs) - Math.max(from, bin * widthMs)
  }
}

function emptyPrices({ statements, bins }: Grid): Float64Array[] {
  return statements.map(() => new Float64Array(bins))
}

/** Part of the last direction is kept, which takes the zigzag out of the steps. */
function mixed(excess: Prices, direction: Prices): Prices {
  return combined(excess, direction, (now, before) => 0.65 * now + 0.35 * before)
}

function stepped(prices: Prices, direction: Prices, step: number): Prices {
  return combined(prices, direction, (price, change) => Math.max(0, price + step * change))
}

function combined(one: Prices, other: Prices, combine: (left: number, right: number) => number): Prices {
  return one.map((bins, position) => bins.map((value, bin) => combine(value, other[position]?.[bin] ?? 0)))
}

/** Of those parts of the direction that change a price: one at 0 cannot fall. */
function lengthSquared(direction: Prices, prices: Prices): number {
  let sum = 0
  for (const [position, bins] of direction.entries()) {
    for (const [bin, change] of bins.entries())
      if (change > 0 || (prices[position]?.[bin] ?? 0) > 0) sum += change * change
  }
  return sum
}
