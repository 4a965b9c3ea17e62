import { horizonBins } from './price-curve.ts'
import type { PriceCurve } from './price-curve.ts'
import { SlotTimes } from './residency-demand.ts'
import type { ResidencyDemand } from './residency-demand.ts'

export interface Plan {
  /** Prices paid and milliseconds waited beyond what slots alone cost. */
  readonly cost: number
  /** When the model is resident, loads and stops included. */
  readonly held: readonly Interval[]
}

export interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The cheapest times for one model to be resident, at these prices. Exact: a program over its requests from the last to
 * the first, with two questions.
 *
 * 1. `whenPresent[i]`: everything up to i is served and paid for until its end. Stay for the next, or leave?
 * 2. `whenAbsent[i]`: the model is out and i is the next to serve. When does service begin? Those that have come by then
 *    start slot by slot. The cost is linear between breakpoints (edges of price bins, arrivals, ends), so only these are
 *    tried, and as soon as waiting costs more each second than the highest price ahead can save, no later one.
 */
export function cheapestPlan(
  demand: ResidencyDemand,
  curve: PriceCurve,
  { loadsAhead }: { readonly loadsAhead: boolean },
): Plan {
  const { ends, stopMs } = demand
  const count = ends.length
  const paidUntilEnd = Float64Array.from(ends, (end) => curve.until(end))
  const paidToLeave = Float64Array.from(ends, (end, index) => curve.until(end + stopMs) - (paidUntilEnd[index] ?? 0))
  const whenAbsent = new Float64Array(count + 1)
  const whenPresent = new Float64Array(count + 1)
  const leaves: boolean[] = []
  const begins: Beginning[] = []

  for (let index = count - 1; index >= 0; index -= 1) {
    if (index < count - 1) {
      const stay = at(paidUntilEnd, index + 1) - at(paidUntilEnd, index) + at(whenPresent, index + 1)
      const leave = at(paidToLeave, index) + at(whenAbsent, index + 1)
      leaves[index] = leave < stay
      whenPresent[index] = Math.min(stay, leave)
    }
    const best = bestBeginning(index)
    begins[index] = best
    whenAbsent[index] = best.cost
  }
  return { cost: at(whenAbsent, 0), held: heldBy() }

  function bestBeginning(index: number): Beginning {
    const { arrivals, starts, services, loadMs, slots } = demand
    const earliest = at(starts, index)
    let begin = loadsAhead ? earliest : Math.max(earliest, at(arrivals, index) + loadMs)
    let best: Beginning = { cost: Infinity, begin, end: 0, next: 0, stays: true }
    const batch = new SlotTimes(slots)
    // The batch that waits: its last request, when that ends after the beginning, and the sum of its delays - starts.
    let [last, lasts, lateness] = [index - 1, 0, 0]
    // At the very moment of an arrival both are tried: that request starts by itself, or it is one of the batch.
    let reach = begin - tolerance
    for (;;) {
      while (last + 1 < count && (last < index || at(starts, last + 1) < reach)) {
        last += 1
        const delay = batch.take(0, at(services, last))
        lateness += delay - at(starts, last)
        lasts = Math.max(lasts, delay + at(services, last))
      }
      const many = last - index + 1
      const waited = many * begin + lateness
      if (waited >= best.cost) return best

      const end = Math.max(at(ends, last), begin + lasts)
      const next = firstAfter(ends, end, last + 1)
      const paidUntil = curve.until(end)
      const paid = waited + paidUntil - curve.until(begin - loadMs)
      const stay = next < count ? at(paidUntilEnd, next) - paidUntil + at(whenPresent, next) : 0
      const leave = next < count ? curve.until(end + stopMs) - paidUntil + at(whenAbsent, next) : Infinity
      const cost = paid + Math.min(stay, leave)
      if (cost < best.cost) best = { cost, begin, end, next, stays: stay <= leave }

      // To begin later saves at most the price ahead each second and costs a second for each who waits.
      const isPastHorizon = (best.cost - waited) / many >= (horizonBins - 2) * curve.widthMs
      if (curve.isBehind(begin - loadMs) || (many >= curve.highestFrom(begin - loadMs) && !isPastHorizon)) {
        if (begin >= loadMs) return best
      }
      if (last + 1 < count && at(starts, last + 1) < begin + tolerance) {
        reach = begin + tolerance
        continue
      }
      begin = nextBreakpoint({ begin, loadMs, lasts, last, next })
      reach = begin - tolerance
    }
  }

  function nextBreakpoint({
    begin,
    loadMs,
    lasts,
    last,
    next,
  }: {
    readonly begin: number
    readonly loadMs: number
    readonly lasts: number
    readonly last: number
    readonly next: number
  }): number {
    let nearest = begin < loadMs ? loadMs : curve.nextEdge(begin - loadMs) + loadMs
    const consider = (ms: number): void => {
      if (ms > begin + tolerance && ms < nearest) nearest = ms
    }
    consider(curve.nextEdge(begin + lasts) - lasts)
    consider(curve.nextEdge(begin + lasts + stopMs) - lasts - stopMs)
    if (last + 1 < count) consider(at(demand.starts, last + 1))
    if (next < count) consider(at(ends, next) - lasts)
    return nearest > begin + tolerance ? nearest : begin + 1_000 * tolerance
  }

  function heldBy(): readonly Interval[] {
    const held: Interval[] = []
    for (let index = 0; index < count;) {
      const { begin, end, next, stays } = begins[index] ?? { begin: 0, end: 0, next: count, stays: false }
      let [toMs, after, isStaying] = [end, next, stays]
      while (isStaying && after < count) {
        toMs = Math.max(toMs, at(ends, after))
        isStaying = leaves[after] !== true
        after += 1
      }
      held.push({ fromMs: begin - demand.loadMs, toMs: toMs + (after < count ? stopMs : 0) })
      index = after
    }
    return held
  }
}

interface Beginning {
  readonly cost: number
  readonly begin: number
  readonly end: number
  /** The first request that is not served by then. */
  readonly next: number
  readonly stays: boolean
}

/** A millionth of a millisecond: what rounding may leave between two times that are the same. */
const tolerance = 1e-6

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0
}

/** First index from `from` on whose value is above `limit`; values never fall. */
function firstAfter(values: Float64Array, limit: number, from: number): number {
  let [low, high] = [from, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (at(values, middle) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
