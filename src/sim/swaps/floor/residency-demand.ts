import { decodeTokensPerMs, loadMs, prefillTokensPerMs } from '../replay-host.ts'
import type { ReplayHost, ReplayModel } from '../replay-host.ts'
import type { TraceRow } from '../trace-row.ts'

/** What one model's requests ask for, were it the only model. Times in milliseconds from the start of the trace. */
export interface ResidencyDemand {
  readonly loadMs: number
  readonly stopMs: number
  readonly slots: number
  /** Its share of each statement about VRAM while it is resident: its size, then one for each k, 0 if it has none. */
  readonly shares: readonly number[]
  readonly arrivals: Float64Array
  /** Earliest start of each request, were the model resident for ever: in order of arrival, on its slots. */
  readonly starts: Float64Array
  /** Shortest possible service. */
  readonly services: Float64Array
  /** Latest end of the requests up to each, if they start as early as they can. */
  readonly ends: Float64Array
  /** Time waited for slots alone. */
  readonly slotWaitMs: number
}

/** Statements about VRAM: the sizes fit, and at most k models are larger than VRAM / (k + 1). */
export const statementCount = 4

export function residencyDemands({
  rows,
  models,
  host,
}: {
  readonly rows: readonly TraceRow[]
  readonly models: readonly ReplayModel[]
  readonly host: ReplayHost
}): readonly ResidencyDemand[] {
  return models.map((model) =>
    demandOf(
      model,
      rows.filter((row) => row.model === model.name),
      host,
    ),
  )
}

function demandOf(model: ReplayModel, rows: readonly TraceRow[], host: ReplayHost): ResidencyDemand {
  const arrivals = Float64Array.from(rows, ({ arrivalMs }) => arrivalMs)
  const services = Float64Array.from(shortestServices(model, rows, host))
  const starts = new Float64Array(rows.length)
  const ends = new Float64Array(rows.length)
  const slots = new SlotTimes(model.slots)
  let [latest, slotWaitMs] = [0, 0]
  for (const [index, arrival] of arrivals.entries()) {
    const service = services[index] ?? 0
    const start = slots.take(arrival, service)
    starts[index] = start
    latest = Math.max(latest, start + service)
    ends[index] = latest
    slotWaitMs += start - arrival
  }
  return {
    loadMs: loadMs(host, model.sizeBytes, model.sizeBytes),
    stopMs: host.stopMs,
    slots: model.slots,
    shares: sharesOf(model.sizeBytes, host.vramBytes),
    arrivals,
    starts,
    services,
    ends,
    slotWaitMs,
  }
}

function sharesOf(sizeBytes: number, vramBytes: number): readonly number[] {
  const isLarge = (k: number): boolean => sizeBytes > vramBytes / (k + 1) + 1
  return [sizeBytes / vramBytes, ...[1, 2, 3].map((k) => (isLarge(k) ? 1 / k : 0))]
}

/** Each session keeps all of its last prompt and reply. */
function shortestServices(model: ReplayModel, rows: readonly TraceRow[], host: ReplayHost): readonly number[] {
  const last = new Map<string, number>()
  return rows.map(({ promptTokens, outputTokens, session }) => {
    const known = session === undefined || host.prefixCache === 'none' ? 0 : (last.get(session) ?? 0)
    if (session !== undefined) last.set(session, promptTokens + outputTokens)
    const kept = Math.max(0, Math.min(promptTokens - 1, known))
    return (promptTokens - kept) / prefillTokensPerMs(host, model) + outputTokens / decodeTokensPerMs(host, model)
  })
}

/** When each of a few slots is free again. */
export class SlotTimes {
  readonly #freeAt: Float64Array

  constructor(slots: number) {
    this.#freeAt = new Float64Array(slots)
  }

  /** Uses the slot that is free first, from `earliest` on if that is later. Gives back when the service starts. */
  take(earliest: number, service: number): number {
    let first = 0
    for (let slot = 1; slot < this.#freeAt.length; slot += 1) {
      if ((this.#freeAt[slot] ?? 0) < (this.#freeAt[first] ?? 0)) first = slot
    }
    const start = Math.max(earliest, this.#freeAt[first] ?? 0)
    this.#freeAt[first] = start + service
    return start
  }

  reset(): void {
    this.#freeAt.fill(0)
  }
}
