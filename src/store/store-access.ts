import type { Clock } from '../core/clock.ts'
import type { Logger } from '../core/logger.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Store, StoreFamilies } from './open-store.ts'
import { StoreBudget } from './store-budget.ts'
import type { StoreOutcome } from './store-budget.ts'
import { StoreError } from './store-error.ts'

export interface StoreAccessOptions {
  readonly open: () => Promise<Store>
  readonly clock: Clock
  readonly logger: Logger
  /** What a request's writes may take together; 50 ms unless said otherwise. */
  readonly requestBudgetMs?: number
}

const usualRequestBudgetMs = 50

/**
 * Calls that have not ended, given up or not. A database that hangs holds so many and no more: then it is not asked until
 * some have ended, and requests are not even held up for their budget.
 */
const unendedMax = 64

/** It answers again when it has not failed for so long. */
const steadyMs = 5_000

const reopenFirstMs = 1_000
const reopenMostMs = 60_000

/**
 * The store for those who may never need it: it is opened by the first who does, and again when it had to be closed. A
 * failed attempt is not repeated at once, and the log says once that the store is gone and once that it is back.
 */
export class StoreAccess {
  readonly #options: StoreAccessOptions
  #store: Store | undefined
  #opening: Promise<Store> | undefined
  #failure: { readonly error: unknown; readonly untilMs: number; readonly waitMs: number } | undefined
  #unended = 0
  #isAvailable = true
  #failedAtMs = -Infinity
  #closing: Promise<void> | undefined

  constructor(options: StoreAccessOptions) {
    this.#options = options
  }

  /** A new one for each request, which is shown what is its tenant's and nothing else. A lookup without which a request makes no sense may be given more time. */
  budget(
    { tenant }: Pick<MemoryScope, 'tenant'>,
    totalMs: number = this.#options.requestBudgetMs ?? usualRequestBudgetMs,
  ): StoreBudget {
    return new StoreBudget({
      totalMs,
      monotonic: this.#options.clock.monotonic,
      lender: {
        opened: () => familiesOf(this.opened(), tenant),
        admit: () => this.#admit(),
        report: (outcome) => this.#report(outcome),
      },
    })
  }

  /** Begins to open it, for a request that will need it at its end. */
  warm(): void {
    const opened = this.opened()
    if (opened instanceof Promise) opened.catch(() => undefined) // whoever uses it is told
  }

  /**
   * The open store, opened now if need be: for those who can wait, since a new embedded database takes five seconds.
   * Rejects with StoreError.
   */
  opened(): Store | Promise<Store> {
    if (this.#closing) return Promise.reject(new StoreError('store_closed', 'The store is closed.'))
    if (this.#store?.isClosed() === false) return this.#store
    this.#store = undefined
    if (this.#failure && this.#options.clock.monotonic() < this.#failure.untilMs) {
      return Promise.reject(this.#failure.error)
    }
    return (this.#opening ??= this.#open())
  }

  /** Waits for work in hand. May be called twice; what is asked of the store from then on fails. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async #open(): Promise<Store> {
    const { open, clock } = this.#options
    try {
      this.#store = await open()
      this.#failure = undefined
      return this.#store
    } catch (error) {
      const waitMs = Math.min(reopenMostMs, (this.#failure?.waitMs ?? reopenFirstMs / 2) * 2)
      this.#failure = { error, waitMs, untilMs: clock.monotonic() + waitMs }
      throw error
    } finally {
      this.#opening = undefined
    }
  }

  async #close(): Promise<void> {
    const store = await this.#opening?.catch(() => undefined)
    await (store ?? this.#store)?.close()
  }

  #admit(): { release(): void } | undefined {
    if (this.#unended >= unendedMax) return undefined
    this.#unended += 1
    return {
      release: () => {
        this.#unended -= 1
      },
    }
  }

  #report(outcome: StoreOutcome<unknown>): void {
    const { logger, clock } = this.#options
    // Not open yet is no failure: it is so at every start.
    if (outcome.type === 'unavailable' && outcome.reason === 'opening') return
    const isAvailable = outcome.type === 'done'
    const nowMs = clock.monotonic()
    if (!isAvailable) this.#failedAtMs = nowMs
    if (isAvailable === this.#isAvailable) return
    // One that is slow now and then would fill the log with its ups and downs.
    if (isAvailable && nowMs - this.#failedAtMs < steadyMs) return
    this.#isAvailable = isAvailable
    if (outcome.type === 'done') logger.info({}, 'the store answers again')
    else
      logger.warn(
        { reason: outcome.reason, err: outcome.cause },
        'the store does not answer; requests go on without it',
      )
  }
}

function familiesOf(store: Store | Promise<Store>, tenant: string): StoreFamilies | Promise<StoreFamilies> {
  return store instanceof Promise ? store.then((opened) => opened.within(tenant)) : store.within(tenant)
}
