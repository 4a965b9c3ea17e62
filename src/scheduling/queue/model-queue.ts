import { lanes, patienceMs } from '../lane.ts'
import type { Lane } from '../lane.ts'
import { FairQueue } from './fair-queue.ts'
import type { Waiter } from './waiter.ts'

/**
 * Everyone who waits for one model. Interactive requests go before background ones, except that an overdue background
 * request gets every second turn: it is never starved for ever.
 */
export class ModelQueue {
  readonly #lanes: Readonly<Record<Lane, FairQueue>> = { interactive: new FairQueue(), background: new FairQueue() }
  #isBackgroundTurn = true
  // Sums kept up to date, so that a decision does not walk the queues: waited = weight × now - weighted arrivals.
  #weight = 0
  #weightedArrivals = 0
  #earliestDeadlineMs = Infinity
  readonly #loadOnly = new Set<Waiter>()

  get length(): number {
    return this.#lanes.interactive.length + this.#lanes.background.length
  }

  get weight(): number {
    return this.#weight
  }

  /** No deadline is earlier than this. Those of waiters that have left count until `expired` is asked. */
  get earliestDeadlineMs(): number {
    return this.#earliestDeadlineMs
  }

  add(waiter: Waiter): void {
    this.#lanes[waiter.lane].add(waiter)
    if (waiter.isLoadOnly) this.#loadOnly.add(waiter)
    this.#weight += waiter.waitWeight
    this.#weightedArrivals += waiter.waitWeight * waiter.arrivedAtMs
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, waiter.deadlineMs)
  }

  /** Those that only want the model resident: they take no slot, so they need not wait for their turn. */
  get loadOnly(): readonly Waiter[] {
    return [...this.#loadOnly]
  }

  /** Whose turn it is. */
  next({ nowMs, maxWaitMs }: Times): Waiter | undefined {
    const { interactive, background } = this.#lanes
    const oldest = background.oldest()
    const isOverdue = oldest !== undefined && dueAtMs(oldest, maxWaitMs) <= nowMs
    if (isOverdue && this.#isBackgroundTurn) return background.next()
    return interactive.next() ?? background.next()
  }

  take(waiter: Waiter, workMs: number): void {
    this.#isBackgroundTurn = waiter.lane === 'interactive'
    this.#lanes[waiter.lane].take(waiter, workMs)
    this.#subtract(waiter)
  }

  drop(waiter: Waiter): void {
    this.#lanes[waiter.lane].drop(waiter)
    this.#subtract(waiter)
  }

  correct({ lane, ...work }: { lane: Lane; principal: string; weight: number; byMs: number }): void {
    this.#lanes[lane].correct(work)
  }

  expired(nowMs: number): readonly Waiter[] {
    if (nowMs < this.#earliestDeadlineMs) return []
    const [late, rest] = [[] as Waiter[], [] as Waiter[]]
    for (const waiter of this) (waiter.deadlineMs <= nowMs ? late : rest).push(waiter)
    this.#earliestDeadlineMs = Math.min(Infinity, ...rest.map(({ deadlineMs }) => deadlineMs))
    return late
  }

  /** Weighted request-milliseconds waited so far by those in the queue. */
  waitedMs(nowMs: number): number {
    return Math.max(0, this.#weight * nowMs - this.#weightedArrivals)
  }

  /** When the first of them becomes overdue, or became so; infinite when nobody waits. */
  dueAtMs(maxWaitMs: number): number {
    return Math.min(...lanes.map((lane) => dueAtMs(this.#lanes[lane].oldest(), maxWaitMs)))
  }

  /** The one that came first, of all lanes. */
  oldest(): Waiter | undefined {
    const [interactive, background] = [this.#lanes.interactive.oldest(), this.#lanes.background.oldest()]
    if (interactive === undefined || background === undefined) return interactive ?? background
    return interactive.sequence < background.sequence ? interactive : background
  }

  *[Symbol.iterator](): Iterator<Waiter> {
    for (const lane of lanes) yield* this.#lanes[lane]
  }

  #subtract(waiter: Waiter): void {
    this.#loadOnly.delete(waiter)
    // An empty queue starts from nothing again, so that rounding does not add up over weeks.
    const isEmpty = this.length === 0
    this.#weight = isEmpty ? 0 : this.#weight - waiter.waitWeight
    this.#weightedArrivals = isEmpty ? 0 : this.#weightedArrivals - waiter.waitWeight * waiter.arrivedAtMs
    if (isEmpty) this.#earliestDeadlineMs = Infinity
  }
}

interface Times {
  readonly nowMs: number
  readonly maxWaitMs: number
}

function dueAtMs(waiter: Waiter | undefined, maxWaitMs: number): number {
  return waiter === undefined ? Infinity : waiter.arrivedAtMs + patienceMs(waiter.lane, maxWaitMs)
}
