import type { ComparedHost, PolicyOutcome } from './compare-policies.ts'
import type { ReplayHost } from './replay-host.ts'

/** What an operator reads: for each host what was assumed, a table of policies, and one sentence on what is possible. */
export function formatComparison(
  hosts: readonly ComparedHost[],
  formatTable: (header: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  return hosts
    .map(({ host, floor, outcomes }) => {
      const table = formatTable(header, outcomes.map(rowOf))
      const least = floor === undefined ? [] : ['', leastWait(floor.reactiveMs)]
      return [describeHost(host), '', table, ...least].join('\n')
    })
    .join('\n\n')
}

const header = [
  'POLICY',
  'SWAPS',
  'MEAN WAIT',
  'P50',
  'P95',
  'P99',
  'MAX',
  'FIRST TOKEN',
  'OVERTAKEN',
  'IDLE VRAM',
  'REFUSED',
  'X FLOOR',
]

function rowOf({ policy, figures, ratioToFloor }: PolicyOutcome): readonly string[] {
  const { wait, firstToken, overtaken } = figures
  return [
    policy,
    String(figures.swaps),
    seconds(wait.meanMs),
    seconds(wait.p50Ms),
    seconds(wait.p95Ms),
    seconds(wait.p99Ms),
    seconds(wait.maxMs),
    seconds(firstToken.meanMs),
    `${overtaken.requests} (${Math.round(overtaken.byMs / 1000)} s)`,
    `${Math.round(figures.idleWhileWaiting * 100)} %`,
    String(figures.refused),
    ratioToFloor === undefined ? '-' : ratioToFloor.toFixed(1),
  ]
}

function describeHost({ vramBytes, ramBytes, diskRate }: ReplayHost): string {
  return `${gigabytes(vramBytes)} of VRAM, ${gigabytes(ramBytes)} of page cache, disk ${gigabytes(diskRate)}/s`
}

function leastWait(floorMs: number): string {
  return `No order could have had a lower mean wait than ${seconds(floorMs)}.`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

function gigabytes(bytes: number): string {
  return `${Number((bytes / 1e9).toFixed(2))} GB`
}
