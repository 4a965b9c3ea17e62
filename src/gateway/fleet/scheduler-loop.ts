import type { Clock } from '../../core/clock.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import { createScheduler, type Scheduler } from '../../scheduling/scheduler.ts'
import type { SchedulerEffect } from '../../scheduling/scheduler-effect.ts'
import type { SchedulerEvent } from '../../scheduling/scheduler-event.ts'
import type { SchedulerSettings } from '../../scheduling/scheduler-settings.ts'
import type { ModelStanding, SchedulerSnapshot } from '../../scheduling/snapshot.ts'

/** An event without its time, which the loop adds. */
export type EventBody = SchedulerEvent extends infer Event
  ? Event extends { nowMs: number }
    ? Omit<Event, 'nowMs'>
    : never
  : never

/** What is left to be done by others: the loop wakes the scheduler itself. */
export type OutwardEffect = Exclude<SchedulerEffect, { readonly type: 'wakeAt' }>

/** The scheduler with the time that it lacks: events go in, effects come out in order, and it is woken when it asks. */
export class SchedulerLoop {
  readonly #scheduler: Scheduler
  readonly #clock: Clock
  readonly #carryOut: (effect: OutwardEffect) => void
  readonly #onTold: () => void
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /**
   * @param parts.carryOut may tell of what followed at once
   * @param parts.onTold called after every event, also those of time
   */
  constructor(parts: {
    settings: SchedulerSettings
    clock: Clock
    carryOut: (effect: OutwardEffect) => void
    onTold: () => void
  }) {
    this.#scheduler = createScheduler(parts.settings)
    this.#clock = parts.clock
    this.#carryOut = parts.carryOut
    this.#onTold = parts.onTold
  }

  get nowMs(): number {
    return this.#clock.monotonic()
  }

  tell(event: EventBody, notBeforeMs = 0): void {
    const effects = this.#scheduler.handle({ ...event, nowMs: Math.max(this.nowMs, notBeforeMs) })
    for (const effect of effects) {
      if (effect.type === 'wakeAt') this.#wakeAt(effect.atMs)
      else this.#carryOut(effect)
    }
    this.#onTold()
  }

  snapshot(): SchedulerSnapshot {
    return this.#scheduler.snapshot(this.nowMs)
  }

  model(name: string): ModelStanding | undefined {
    return this.#scheduler.model(name, this.nowMs)
  }

  progress(requestId: string): WaitProgress | undefined {
    return this.#scheduler.progress(requestId, this.nowMs)
  }

  /** Time moves nothing any more; events still do. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #wakeAt(atMs: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    // A timer may be a fraction of a millisecond early, and would then change nothing and not be set again.
    this.#timer = setTimeout(() => this.tell({ type: 'tick' }, atMs), Math.max(0, atMs - this.nowMs))
    this.#timer.unref()
  }
}
