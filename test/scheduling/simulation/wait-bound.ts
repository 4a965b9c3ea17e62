import { must } from './must.ts'
import type { Standing } from './standing.ts'

/**
 * The promise of a bounded wait. A request whose model is out, and that is overdue behind k other models with older
 * requests, starts within (2k + 2) D of the time it became overdue. D is the longest time that this schedule took from
 * choosing a swap until everyone who waited for it had started. A request that waits for a slot of a model that is
 * resident waits for its neighbours, not for a swap; for it the count begins when its model is put out.
 */
export class WaitBound {
  readonly #maxWaitMs: number
  readonly #waiting = new Map<string, Waiting>()
  readonly #swaps = new Map<string, Swap>()
  readonly #served: (Waiting & { readonly servedAtMs: number })[] = []
  #longestMs = 0
  #arrived = 0

  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs
  }

  /** False: nobody waits and no swap is under way, so there is nothing to learn. */
  get isWatching(): boolean {
    return this.#waiting.size > 0 || this.#swaps.size > 0
  }

  arrived({ requestId, model, nowMs }: { requestId: string; model: string; nowMs: number }): void {
    this.#waiting.set(requestId, { requestId, model, arrivedAtMs: nowMs, order: this.#arrived, isInBatch: false })
    this.#arrived += 1
  }

  started(model: string, nowMs: number): void {
    const decidedAtMs = this.#swaps.get(model)?.decidedAtMs ?? nowMs
    this.#swaps.set(model, { decidedAtMs, isStarted: true })
  }

  loaded(model: string, nowMs: number): void {
    const batch = new Set<string>()
    for (const waiting of this.#waiting.values()) {
      if (waiting.model !== model) continue
      waiting.isInBatch = true
      batch.add(waiting.requestId)
    }
    const swap = this.#swaps.get(model)
    if (swap) swap.batch = batch
    this.#endIfDone(model, nowMs)
  }

  served(requestId: string, nowMs: number): void {
    const waiting = this.#waiting.get(requestId)
    if (waiting?.from) this.#served.push({ ...waiting, servedAtMs: nowMs })
    this.left(requestId, nowMs)
  }

  left(requestId: string, nowMs: number): void {
    const model = this.#waiting.get(requestId)?.model ?? ''
    this.#waiting.delete(requestId)
    this.#swaps.get(model)?.batch?.delete(requestId)
    this.#endIfDone(model, nowMs)
  }

  after({ phases, swaps, nowMs }: Standing): void {
    for (const { target, sinceMs } of swaps) {
      if (!this.#swaps.has(target)) this.#swaps.set(target, { decidedAtMs: nowMs - sinceMs, isStarted: false })
    }
    const pending = new Set(swaps.map(({ target }) => target))
    for (const [target, { isStarted }] of this.#swaps) if (!isStarted && !pending.has(target)) this.#end(target, nowMs)
    for (const waiting of this.#waiting.values()) {
      if (phases.get(waiting.model) === 'ready') {
        // Its model was put out and has been opened again: it waits for a slot once more.
        if (!waiting.isInBatch) delete waiting.from
      } else {
        waiting.isInBatch = false
        waiting.from ??= { atMs: Math.max(waiting.arrivedAtMs + this.#maxWaitMs, nowMs), ahead: this.#ahead(waiting) }
      }
    }
  }

  check(): void {
    for (const { requestId, from, servedAtMs } of this.#served) {
      if (from === undefined) continue
      const boundMs = from.atMs + (2 * from.ahead + 2) * this.#longestMs
      must(
        servedAtMs <= boundMs,
        `${requestId} starts at ${servedAtMs}, later than ${from.atMs} + (2 * ${from.ahead} + 2) * ${this.#longestMs}`,
      )
    }
  }

  #ahead({ model, order }: Waiting): number {
    const older = [...this.#waiting.values()].filter((other) => other.order < order && other.model !== model)
    return new Set(older.map((other) => other.model)).size
  }

  #endIfDone(model: string, nowMs: number): void {
    if (this.#swaps.get(model)?.batch?.size === 0) this.#end(model, nowMs)
  }

  #end(model: string, nowMs: number): void {
    const swap = this.#swaps.get(model)
    if (swap) this.#longestMs = Math.max(this.#longestMs, nowMs - swap.decidedAtMs)
    this.#swaps.delete(model)
  }
}

interface Waiting {
  readonly requestId: string
  readonly model: string
  readonly arrivedAtMs: number
  readonly order: number
  /** It waited when its model was loaded: it starts before the model may be put out. */
  isInBatch: boolean
  /** When it is overdue with its model out, and how many other models have older requests. */
  from?: { readonly atMs: number; readonly ahead: number }
}

interface Swap {
  readonly decidedAtMs: number
  readonly isStarted: boolean
  /** Those that waited at the end of the load and have not started. */
  batch?: Set<string>
}
