import { servedAtOnce } from '../policies/expected-times.ts'
import type { ModelTraffic } from '../policies/swap-policy.ts'
import { ModelQueue } from '../queue/model-queue.ts'
import type { Waiter } from '../queue/waiter.ts'
import type { SchedulerModel } from '../scheduler-model.ts'
import { ArrivalRate } from './arrival-rate.ts'
import { RunningMean } from './running-mean.ts'

/**
 * Where a model is.
 *
 * | phase      | memory | takes requests | leaves it by                                                    |
 * | ---------- | ------ | -------------- | --------------------------------------------------------------- |
 * | `absent`   | none   | no             | effect `start` → loading                                        |
 * | `loading`  | held   | no             | `loaded` → ready, `loadFailed` → absent, put out → closing      |
 * | `ready`    | held   | yes            | put out, unloaded or removed → closing                          |
 * | `closing`  | held   | no             | last request ended, effect `stop` → stopping; reopened → ready  |
 * | `stopping` | held   | no             | `stopped` → absent                                              |
 *
 * From each that holds memory, `crashed` and `stopped` lead to absent. One that sleeps is absent too: little memory is held
 * by it, and what there is goes to whoever needs it.
 */
export type ModelPhase = 'absent' | 'loading' | 'ready' | 'closing' | 'stopping'

/** Why a model is closing, if not for a swap. */
export type LeavingReason = 'unload' | 'idle' | 'removed'

export interface RunningRequest {
  readonly waiter: Waiter
  readonly startedAtMs: number
  /** Work its principal was charged for it. */
  readonly chargedMs: number
}

/** What engines that can sleep need to wake, as they say themselves, until it has been measured. */
const wakeMsGuess = 3_000

/** Everything the scheduler knows of one model. Mutable; the scheduler's steps alone change it. */
export class ModelState {
  model: SchedulerModel
  phase: ModelPhase = 'absent'
  /** The description it was started with: what its memory is until it has gone, whatever is configured meanwhile. */
  held: SchedulerModel
  leaving: LeavingReason | undefined
  /** Of one that is absent: its process is there all the same, and being ended if somebody needs its memory. */
  sleep: 'no' | 'asleep' | 'ending' = 'no'
  /** Of one that loads. */
  isWaking = false
  /** Who put it out, for the log. */
  closingBecause = ''
  readonly queue = new ModelQueue()
  readonly running = new Map<string, RunningRequest>()
  /** Those that waited when it was loaded and have not started: before that it is nobody's victim. */
  readonly owed = new Set<string>()
  readonly arrivals = new ArrivalRate()
  readonly serviceMs: RunningMean
  readonly loadMs: RunningMean
  readonly wakeMs: RunningMean
  readonly stopMs: RunningMean
  startedAtMs = 0
  loadedAtMs = 0
  lastUsedAtMs = 0
  stopAskedAtMs = 0
  /** Not started again before. */
  retryAtMs = 0
  /** Instead of its ttl, until it has gone; infinite: no time is too long. */
  idleMs: number | undefined
  /** End of the lease. */
  pinnedUntilMs = 0

  constructor(model: SchedulerModel) {
    this.model = model
    this.held = model
    this.serviceMs = new RunningMean(model.expected.serviceMs, 0.2)
    this.loadMs = new RunningMean(model.expected.loadMs, 0.5)
    this.wakeMs = new RunningMean(model.expected.wakeMs ?? wakeMsGuess, 0.5)
    this.stopMs = new RunningMean(model.expected.stopMs, 0.5)
  }

  get name(): string {
    return this.model.name
  }

  /** Holds memory, and nobody has asked it to go. */
  get isStaying(): boolean {
    return this.phase === 'loading' || this.phase === 'ready'
  }

  /** Until it serves, once it is wanted; of one that is in memory, what putting it out would cost later. */
  get nextLoadMs(): number {
    const isWake =
      this.phase === 'absent'
        ? this.sleep === 'asleep'
        : this.phase === 'loading'
          ? this.isWaking
          : this.model.sleepingBytes !== undefined
    return isWake ? this.wakeMs.value : this.loadMs.value
  }

  get hasFreeSlot(): boolean {
    return this.running.size < servedAtOnce(this.model)
  }

  /** Unloaded when nothing has used it for so long; infinite: only for its memory. */
  get ttlMs(): number {
    return this.idleMs ?? this.model.ttlMs ?? Infinity
  }

  isPinned(nowMs: number): boolean {
    return this.model.isPinned || this.pinnedUntilMs > nowMs
  }

  /** Its weights are read, or its sleep ends. */
  start(nowMs: number): void {
    this.phase = 'loading'
    this.held = this.model
    this.startedAtMs = nowMs
    this.isWaking = this.sleep === 'asleep'
    this.sleep = 'no'
  }

  loaded(nowMs: number, loadMs: number): void {
    this.phase = 'ready'
    this.loadedAtMs = nowMs
    this.lastUsedAtMs = nowMs
    this.retryAtMs = 0
    ;(this.isWaking ? this.wakeMs : this.loadMs).add(loadMs)
  }

  /** It has gone, and its memory with it. */
  clear(): void {
    this.phase = 'absent'
    this.leaving = undefined
    this.idleMs = undefined
    this.running.clear()
    this.owed.clear()
  }

  traffic(nowMs: number): ModelTraffic {
    const loadMs = this.nextLoadMs
    const rate = this.arrivals.perMs({ nowMs, loadMs })
    return {
      model: this.model,
      queued: this.queue.length,
      queuedWeight: this.queue.weight,
      rate: rate.count,
      weightedRate: rate.weighted,
      serviceMs: this.serviceMs.value,
      loadMs,
      stopMs: this.stopMs.value,
    }
  }
}
