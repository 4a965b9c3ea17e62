import { median } from '../gateway/quantiles.ts'
import type { MeasuredSwap, Temperature } from './measure-swaps.ts'
import { ownMs, swapPhases, totalMs } from './swap-phases.ts'
import type { PhaseTimes, SwapPhase } from './swap-phases.ts'

/** All swaps to one model with its files in the same place; medians, with the least and the most. */
export interface SwapSummary {
  readonly model: string
  readonly wanted: Temperature
  readonly swaps: number
  /** Share of the files in the page cache when the swaps began; absent where nothing can tell. */
  readonly cached_share?: number
  readonly bytes: number
  readonly phases_ms: PhaseTimes
  readonly total_ms: Range
  /** What is neither the engine's work nor that of requests at work. */
  readonly own_ms: Range
  /** From the process' start until it serves, as the scheduler counts a load. */
  readonly load_ms: number
  /** Bytes a second while the engine loaded; absent for a model without files. */
  readonly load_rate?: number
}

export interface Range {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** In the order in which the models were first measured. */
export function summariseSwaps(swaps: readonly MeasuredSwap[]): readonly SwapSummary[] {
  const groups = Map.groupBy(swaps, ({ to, wanted }) => `${wanted} ${to}`)
  return Array.from(groups.values(), summarise)
}

function summarise(swaps: readonly MeasuredSwap[]): SwapSummary {
  const [first] = swaps
  const shares = swaps.flatMap(({ cachedShare }) => cachedShare ?? [])
  const rates = swaps.flatMap((swap) => loadRate(swap) ?? [])
  return {
    model: first?.to ?? '',
    wanted: first?.wanted ?? 'warm',
    swaps: swaps.length,
    ...(shares.length > 0 && { cached_share: median(shares) }),
    bytes: first?.bytes ?? 0,
    phases_ms: medianPhases(swaps),
    total_ms: rangeOf(swaps.map(({ phases }) => totalMs(phases))),
    own_ms: rangeOf(swaps.map(({ phases }) => ownMs(phases))),
    load_ms: median(swaps.map(({ phases }) => loadMs(phases))),
    ...(rates.length > 0 && { load_rate: median(rates) }),
  }
}

/** The same stretch that residency reports as the time of a load. */
function loadMs({ launch, spawn, load, notice, restore }: PhaseTimes): number {
  return launch + spawn + load + notice + restore
}

/** Engines that open their port only when they have loaded show no loading of its own: then the whole start counts. */
function loadRate({ bytes, phases: { spawn, load } }: MeasuredSwap): number | undefined {
  const readMs = load > 0 ? load : spawn
  return bytes === 0 || readMs <= 0 ? undefined : bytes / (readMs / 1000)
}

function medianPhases(swaps: readonly MeasuredSwap[]): PhaseTimes {
  const middle = (name: SwapPhase): number => median(swaps.map(({ phases }) => phases[name]))
  const times = swapPhases.map(({ name }) => [name, middle(name)] as const)
  return { ...emptyPhases, ...Object.fromEntries(times) }
}

const emptyPhases: PhaseTimes = {
  decide: 0,
  drain: 0,
  save: 0,
  prepare: 0,
  stop: 0,
  memory: 0,
  launch: 0,
  spawn: 0,
  load: 0,
  notice: 0,
  restore: 0,
  forward: 0,
  token: 0,
}

function rangeOf(values: readonly number[]): Range {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}
