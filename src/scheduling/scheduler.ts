import type { WaitProgress } from '../core/wait-progress.ts'
import { modelStanding, swapStandings, takeSnapshot, waiterStanding } from './snapshot.ts'
import type { ModelStanding, SchedulerSnapshot, SwapStanding, WaiterStanding } from './snapshot.ts'
import type { SchedulerEffect } from './scheduler-effect.ts'
import type { SchedulerEvent } from './scheduler-event.ts'
import type { SchedulerSettings } from './scheduler-settings.ts'
import { initialState } from './state/scheduler-state.ts'
import type { Step } from './state/scheduler-state.ts'
import { advanceSwaps } from './steps/advance-swaps.ts'
import { applyEvent } from './steps/apply-event.ts'
import { askWake } from './steps/ask-wake.ts'
import { chooseSwaps } from './steps/choose-swaps.ts'
import { expireWaiters } from './steps/expire-waiters.ts'
import { giveUpSwaps } from './steps/give-up-swaps.ts'
import { refuseImpossible } from './steps/refuse-impossible.ts'
import { serveWaiters } from './steps/serve-waiters.ts'
import { unloadIdle } from './steps/unload-models.ts'
import { wishPrefetch } from './steps/wish-prefetch.ts'
import { waitProgress } from './wait-progress.ts'

/**
 * Who runs now, who waits, what must stop. It has no clock and touches nothing: events go in, effects come out, the same
 * events give the same effects. One owner calls it, one event at a time, and carries the effects out in their order.
 */
export interface Scheduler {
  readonly handle: (event: SchedulerEvent) => readonly SchedulerEffect[]
  /** How things stand, as a plain value. `nowMs` as in events. */
  readonly snapshot: (nowMs: number) => SchedulerSnapshot
  /** Parts of it, for those who ask often and do not need everyone who waits: the swaps, one model, one waiter. */
  readonly swaps: (nowMs: number) => readonly SwapStanding[]
  readonly model: (name: string, nowMs: number) => ModelStanding | undefined
  readonly waiter: (requestId: string, nowMs: number) => WaiterStanding | undefined
  /** How far a waiting request is, as its client may know it. */
  readonly progress: (requestId: string, nowMs: number) => WaitProgress | undefined
}

export function createScheduler(settings: SchedulerSettings): Scheduler {
  const state = initialState(settings)
  let lastMs = -Infinity

  return {
    handle(event) {
      const effects: SchedulerEffect[] = []
      lastMs = Math.max(lastMs, event.nowMs)
      const step: Step = { state, nowMs: lastMs, emit: (effect) => void effects.push(effect) }
      applyEvent(step, event)
      settle(step)
      return effects
    },
    snapshot: (nowMs) => takeSnapshot(state, Math.max(lastMs, nowMs)),
    swaps: (nowMs) => swapStandings(state, Math.max(lastMs, nowMs)),
    model: (name, nowMs) => modelStanding(state.models.get(name), Math.max(lastMs, nowMs)),
    waiter: (requestId, nowMs) => waiterStanding(state, requestId, Math.max(lastMs, nowMs)),
    progress: (requestId, nowMs) => waitProgress(state, requestId, Math.max(lastMs, nowMs)),
  }
}

/** All that follows from an event, in this order: who leaves, what is open again, who is served, what is swapped, what is told. */
function settle(step: Step): void {
  expireWaiters(step)
  refuseImpossible(step)
  giveUpSwaps(step)
  serveWaiters(step)
  advanceSwaps(step)
  chooseSwaps(step)
  unloadIdle(step)
  advanceSwaps(step)
  wishPrefetch(step)
  askWake(step)
}
