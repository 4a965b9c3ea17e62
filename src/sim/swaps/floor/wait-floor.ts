import type { ReplayHost, ReplayModel } from '../replay-host.ts'
import type { TraceRow } from '../trace-row.ts'
import { raisePrices } from './raise-prices.ts'
import { residencyDemands } from './residency-demand.ts'

export interface WaitFloor {
  /** No schedule that begins a load when a request for the model has come can have a lower mean wait. */
  readonly reactiveMs: number
  /** The same for one that knows what will come, and loads ahead of it. */
  readonly clairvoyantMs: number
  /** Mean wait for slots alone, with memory for every model. */
  readonly slotsOnlyMs: number
}

export interface FloorSearch {
  /** Rounds of raising prices; more come closer to the best floor of this kind. */
  readonly iterations: number
  /** Mean wait of a known schedule, which the first steps are sized by. */
  readonly targetMs?: number
}

/**
 * A floor under the mean wait of every schedule for one trace and one host.
 *
 * Lagrangian relaxation of what couples the models, that the residents fit in VRAM. At every moment their sizes add up to
 * at most the VRAM; and at most k models larger than VRAM / (k + 1) are resident, for k = 1, 2, 3. Each statement gets a
 * price of 0 or more in each bin of time. Then each model alone plans when to be resident, by an exact program over its
 * own arrivals: it pays for its share of every statement while it is, and for the waiting of its requests. For any prices
 *
 *     sum of the cheapest plans - sum of price × bin length
 *
 * is at most the total wait of the best schedule there is, so it is a floor; steps along the subgradient raise it.
 *
 * Given away, always downwards: a model that is out is in the page cache, loads share no bus, sessions keep all the
 * prefix they can, models may share VRAM in fractions over time. Kept: loads and stops take time, nothing is cut off,
 * requests of a model start in the order of arrival on its slots.
 */
export function waitFloor(
  work: { readonly rows: readonly TraceRow[]; readonly models: readonly ReplayModel[]; readonly host: ReplayHost },
  search: FloorSearch,
): WaitFloor {
  const demands = residencyDemands(work)
  const count = work.rows.length
  const slotsMs = demands.reduce((sum, { slotWaitMs }) => sum + slotWaitMs, 0)
  const options = { slotsMs, requests: count, ...search }
  const clairvoyant = raisePrices(demands, { ...options, loadsAhead: true })
  const reactive = raisePrices(demands, { ...options, loadsAhead: false })
  return {
    reactiveMs: Math.max(clairvoyant, reactive) / count,
    clairvoyantMs: clairvoyant / count,
    slotsOnlyMs: slotsMs / count,
  }
}
