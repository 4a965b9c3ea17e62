import { startBenchRig } from './bench-rig.ts'
import type { BenchRig, Target } from './bench-rig.ts'
import type { MeterReading } from './meter.ts'

export interface MemorySummary {
  readonly target: string
  readonly idle_rss_bytes: number
  /** After few and after ten times as many requests, each time after a forced collection. */
  readonly requests: readonly { readonly requests: number; readonly rss_bytes: number; readonly heap_bytes: number }[]
  /** Right after the last request, with the room that V8 has made itself for speed. */
  readonly busy_rss_bytes: number
  /** The last of `requests` over the first: what requests leave behind. */
  readonly growth: number
  readonly streams: {
    readonly streams: number
    readonly rss_bytes: number
    readonly bytes_per_stream: number
    /** After all of them were closed. */
    readonly rss_after_bytes: number
  }
}

export interface MemoryOptions {
  readonly requests: readonly number[]
  readonly streams: number
}

/** In processes that have done nothing before. */
export async function measureMemory(options: MemoryOptions): Promise<readonly MemorySummary[]> {
  const rig = await startBenchRig()
  try {
    const summaries: MemorySummary[] = []
    for (const target of rig.targets) {
      if (target.program !== undefined) summaries.push(await measureTarget(rig, target, options))
    }
    return summaries
  } finally {
    await rig.close()
  }
}

async function measureTarget(rig: BenchRig, target: Target, options: MemoryOptions): Promise<MemorySummary> {
  const idle = await read(target)
  const requests: { requests: number; rss_bytes: number; heap_bytes: number }[] = []
  let busyRssBytes = idle.rssBytes
  for (const [index, total] of options.requests.entries()) {
    const already = options.requests[index - 1] ?? 0
    const load = { kind: 'counted', clients: 32, requests: total - already } as const
    const busy = await rig.measure(target, { model: 'bench-json', requestBytes: 1000, shape: load })
    busyRssBytes = busy.rssBytes ?? 0
    const { rssBytes, heapUsedBytes } = await read(target)
    requests.push({ requests: total, rss_bytes: rssBytes, heap_bytes: heapUsedBytes })
  }
  const before = await read(target)
  await rig.hold(target, options.streams)
  const held = await read(target)
  await rig.release()
  const after = await read(target)
  return {
    target: target.name,
    idle_rss_bytes: idle.rssBytes,
    requests,
    busy_rss_bytes: busyRssBytes,
    growth: (requests.at(-1)?.rss_bytes ?? 0) / (requests[0]?.rss_bytes ?? 1),
    streams: {
      streams: options.streams,
      rss_bytes: held.rssBytes,
      bytes_per_stream: (held.rssBytes - before.rssBytes) / options.streams,
      rss_after_bytes: after.rssBytes,
    },
  }
}

async function read(target: Target): Promise<MeterReading> {
  if (target.program === undefined) throw new Error(`${target.name} has no process of its own.`)
  return target.program.call<MeterReading>('readAfterCollection')
}
