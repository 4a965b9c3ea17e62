import type { SwapBenchReport } from './run-swap-bench.ts'
import { swapPhases } from './swap-phases.ts'
import type { Range, SwapSummary } from './summarise-swaps.ts'

export type FormatTable = (header: readonly string[], rows: readonly (readonly string[])[]) => string

/** The report for people: what was measured on, one row for each model and temperature, and where llmr's own time went. */
export function formatSwaps(report: SwapBenchReport, formatTable: FormatTable): string {
  return [machineOf(report), formatTable(header, report.swaps.map(rowOf)), ownShare(report), notes].join('\n\n')
}

const header = [
  'MODEL',
  'CACHED',
  'SWAPS',
  'STOP',
  'MEMORY',
  'SPAWN',
  'LOAD',
  'RESTORE',
  'TOKEN',
  'TOTAL',
  "LLMR'S OWN",
  'GB/S',
]

const notes = `Medians in milliseconds, the least and the most in brackets. The time is that from a request to its first token:
what requests at work take (drain) is none of it here, since nothing else runs. STOP and MEMORY are the model's that goes.
CACHED is the share of the model's files in the page cache when the swap began, GB/S their size by the time of LOAD.`

function rowOf(swap: SwapSummary): readonly string[] {
  const { phases_ms: phases } = swap
  return [
    swap.model,
    swap.cached_share === undefined ? `${swap.wanted}?` : `${Math.round(swap.cached_share * 100)} %`,
    String(swap.swaps),
    ms(phases.stop),
    ms(phases.memory),
    ms(phases.spawn),
    ms(phases.load),
    ms(phases.restore),
    ms(phases.token),
    range(swap.total_ms),
    range(swap.own_ms),
    swap.load_rate === undefined ? '-' : (swap.load_rate / 1e9).toFixed(2),
  ]
}

function machineOf({ node, cpu, cores, ceiling }: SwapBenchReport): string {
  const rates = [
    ...(ceiling.disk_rate === undefined ? [] : [`${gigabytes(ceiling.disk_rate)} GB/s from disk`]),
    ...(ceiling.cache_rate === undefined ? [] : [`${gigabytes(ceiling.cache_rate)} GB/s from the page cache`]),
  ]
  const reads = rates.length === 0 ? '' : `; this machine reads ${rates.join(', ')}`
  return `Node ${node}, ${cores} × ${cpu}${reads}`
}

/** All rows together, since what llmr does is the same for each. */
function ownShare({ swaps }: SwapBenchReport): string {
  const parts = swapPhases
    .filter(({ owner }) => owner === 'llmr')
    .map(({ name }) => `${name} ${mean(swaps.map(({ phases_ms }) => phases_ms[name])).toFixed(1)}`)
  return `Where llmr's own time goes, ms: ${parts.join(', ')}`
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function range({ median, min, max }: Range): string {
  return `${ms(median)} (${ms(min)}-${ms(max)})`
}

function ms(value: number): string {
  return value.toFixed(0)
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1)
}
