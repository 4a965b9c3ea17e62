import type { StoreFamilies } from './open-store.ts'

/** What became of a call: callers on the request path go on without the store, so it is a value and not an error. */
export type StoreOutcome<Value> =
  | { readonly type: 'done'; readonly value: Value }
  | {
      readonly type: 'unavailable'
      /**
       * `opening`: it is not open yet. `slow`: given up; what it would have written may still come to be written. `busy`:
       * so many calls were given up and have not ended that one more was not begun. `failed`: it said so.
       */
      readonly reason: 'opening' | 'slow' | 'busy' | 'failed'
      readonly cause?: unknown
    }

export type StoreCall<Value> = (store: StoreFamilies, signal: AbortSignal) => Promise<Value>

/** Whoever lends out the store. */
export interface StoreLender {
  /** Resolves when it is open. */
  readonly opened: () => StoreFamilies | Promise<StoreFamilies>
  /** Undefined when no further call may be begun; else the call's place, to be given back when it has ended. */
  readonly admit: () => { release(): void } | undefined
  readonly report: (outcome: StoreOutcome<unknown>) => void
}

/**
 * The time that one request may spend on the store, all its calls together. When it is used up, every further call is
 * `unavailable` at once.
 */
export class StoreBudget {
  readonly #lender: StoreLender
  readonly #monotonic: () => number
  #leftMs: number

  constructor({
    totalMs,
    lender,
    monotonic,
  }: {
    readonly totalMs: number
    readonly lender: StoreLender
    readonly monotonic: () => number
  }) {
    this.#leftMs = totalMs
    this.#lender = lender
    this.#monotonic = monotonic
  }

  /** Never rejects, and resolves within what is left. One call at a time. */
  async spend<Value>(call: StoreCall<Value>): Promise<StoreOutcome<Value>> {
    const outcome = await this.#attempt(call)
    this.#lender.report(outcome)
    return outcome
  }

  /** Time that goes into something else for the same request, which has to keep to what is left. */
  async spendElsewhere<Value>(work: (leftMs: number) => Promise<Value>): Promise<Value> {
    const beganAtMs = this.#monotonic()
    try {
      return await work(Math.max(0, this.#leftMs))
    } finally {
      this.#leftMs -= this.#monotonic() - beganAtMs
    }
  }

  async #attempt<Value>(call: StoreCall<Value>): Promise<StoreOutcome<Value>> {
    if (this.#leftMs <= 0) return { type: 'unavailable', reason: 'slow' }
    const place = this.#lender.admit()
    if (place === undefined) return { type: 'unavailable', reason: 'busy' }
    const beganAtMs = this.#monotonic()
    const ending = new AbortController()
    const { promise: timeout, resolve: giveUp } = Promise.withResolvers<StoreOutcome<Value>>()
    let reason: 'opening' | 'slow' = 'opening'
    const timer = setTimeout(() => {
      giveUp({ type: 'unavailable', reason })
      ending.abort()
    }, this.#leftMs)
    const run = async (): Promise<StoreOutcome<Value>> => {
      try {
        const store = await this.#lender.opened()
        ending.signal.throwIfAborted()
        reason = 'slow'
        return { type: 'done', value: await call(store, ending.signal) }
      } catch (cause) {
        return { type: 'unavailable', reason: 'failed', cause }
      } finally {
        place.release()
      }
    }
    const outcome = await Promise.race([run(), timeout])
    clearTimeout(timer)
    this.#leftMs -= this.#monotonic() - beganAtMs
    return outcome
  }
}
