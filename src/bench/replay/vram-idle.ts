import type { ServedRequest } from '../../sim/swaps/replay-trace.ts'
import type { ReplayModel } from '../../sim/swaps/replay-host.ts'

/** One load, from the wish for it until the model could serve; of one clock with the requests. */
export interface Load {
  readonly model: string
  readonly startedMs: number
  readonly readyMs: number
}

interface Change {
  readonly atMs: number
  /** Of requests that wait, and of the model's reasons to count as in use. */
  readonly waiting: number
  readonly uses: number
  readonly model: string
}

/**
 * Share of the VRAM-time during which somebody waited, in which that memory was free or its model idle: neither loading
 * nor at work.
 */
export function vramIdle(run: {
  readonly served: readonly ServedRequest[]
  readonly loads: readonly Load[]
  readonly models: readonly ReplayModel[]
  readonly vramBytes: number
}): number {
  const { vramBytes } = run
  const sizes = new Map(run.models.map(({ name, sizeBytes }) => [name, sizeBytes]))
  const uses = new Map<string, number>()
  let [waiting, inUse, nowMs, waited, idle] = [0, 0, 0, 0, 0]
  for (const change of changesOf(run)) {
    if (waiting > 0) {
      waited += vramBytes * (change.atMs - nowMs)
      idle += (vramBytes - inUse) * (change.atMs - nowMs)
    }
    nowMs = change.atMs
    waiting += change.waiting
    const before = uses.get(change.model) ?? 0
    const after = before + change.uses
    uses.set(change.model, after)
    inUse += ((after > 0 ? 1 : 0) - (before > 0 ? 1 : 0)) * (sizes.get(change.model) ?? 0)
  }
  return waited === 0 ? 0 : idle / waited
}

function changesOf({ served, loads }: Parameters<typeof vramIdle>[0]): readonly Change[] {
  const ofRequests = served.flatMap(({ model, arrivedMs, startedMs, endedMs }) => [
    { atMs: arrivedMs, model, waiting: 1, uses: 0 },
    { atMs: startedMs, model, waiting: -1, uses: 1 },
    { atMs: endedMs, model, waiting: 0, uses: -1 },
  ])
  const ofLoads = loads.flatMap(({ model, startedMs, readyMs }) => [
    { atMs: startedMs, model, waiting: 0, uses: 1 },
    { atMs: readyMs, model, waiting: 0, uses: -1 },
  ])
  return [...ofRequests, ...ofLoads].toSorted((one, other) => one.atMs - other.atMs)
}
