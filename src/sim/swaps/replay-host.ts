import type { TraceRow } from './trace-row.ts'

/** The machine that a trace is replayed on. Rates in bytes a second, times in milliseconds. */
export interface ReplayHost {
  readonly vramBytes: number
  /** Memory for the page cache. */
  readonly ramBytes: number
  readonly diskRate: number
  /** From the page cache into VRAM. */
  readonly busRate: number
  /** From exec until the engine has its device, and the poll that sees it ready. */
  readonly spawnMs: number
  readonly probeMs: number
  /** From the signal until the driver has the memory back. */
  readonly stopMs: number
  /** Weights read to decode one token are the whole model: tokens a second a slot = `decodeRate / size`. */
  readonly decodeRate: number
  /** Prompt tokens a second = `prefillRate / size`, both in bytes. */
  readonly prefillRate: number
  /** What a session's next turn finds of its prompt: what the instance still holds, also what was saved, or nothing. */
  readonly prefixCache: 'warm' | 'restore' | 'none'
  readonly cacheBytesPerToken: number
  readonly cacheRate: number
}

export interface ReplayModel {
  readonly name: string
  readonly sizeBytes: number
  readonly slots: number
}

/** The host of the published figures: 24 GB of VRAM, an NVMe disk, a card that decodes 600 GB/s. */
export const defaultReplayHost: ReplayHost = {
  vramBytes: 24e9,
  ramBytes: 64e9,
  diskRate: 2.5e9,
  busRate: 6e9,
  spawnMs: 1_500,
  probeMs: 50,
  stopMs: 800,
  decodeRate: 600e9,
  prefillRate: 20e12,
  prefixCache: 'warm',
  cacheBytesPerToken: 100e3,
  cacheRate: 3e9,
}

/** Gives each model of a trace a size: its own, or the next of the cycle, the model asked for most first. */
export function modelsOfTrace(
  rows: readonly TraceRow[],
  {
    sizes,
    sizeCycle,
    slots,
  }: {
    readonly sizes: Readonly<Record<string, number>>
    readonly sizeCycle: readonly number[]
    readonly slots: number
  },
): readonly ReplayModel[] {
  const counts = new Map<string, number>()
  for (const { model } of rows) counts.set(model, (counts.get(model) ?? 0) + 1)
  const ranked = [...counts].sort(([one, left], [other, right]) => right - left || (one < other ? -1 : 1))
  return ranked.map(([name], rank) => {
    const sizeBytes = sizes[name] ?? sizeCycle[rank % sizeCycle.length] ?? 0
    return { name, sizeBytes, slots }
  })
}

/** Spawn to ready: what the page cache holds comes over the bus, the rest from the disk. */
export function loadMs(host: ReplayHost, sizeBytes: number, cachedBytes: number): number {
  const copySeconds = (sizeBytes - cachedBytes) / host.diskRate + cachedBytes / host.busRate
  return host.spawnMs + host.probeMs + copySeconds * 1000
}

export function prefillTokensPerMs(host: ReplayHost, { sizeBytes }: ReplayModel): number {
  return host.prefillRate / sizeBytes / 1000
}

export function decodeTokensPerMs(host: ReplayHost, { sizeBytes }: ReplayModel): number {
  return host.decodeRate / sizeBytes / 1000
}
