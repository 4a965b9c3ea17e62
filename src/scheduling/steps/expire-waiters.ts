import { waitEstimate } from '../estimate-wait.ts'
import type { Step } from '../state/scheduler-state.ts'
import { refuseWaiter } from './refuse-waiter.ts'

/** Refuses whoever has reached his deadline. */
export function expireWaiters(step: Step): void {
  const { state, nowMs } = step
  for (const model of state.models.values()) {
    for (const waiter of model.queue.expired(nowMs)) {
      const waitedSeconds = Math.round((nowMs - waiter.arrivedAtMs) / 1000)
      refuseWaiter(step, waiter, {
        reason: 'waited_too_long',
        message: `No memory or slot for ${model.name} came free in ${waitedSeconds} s. Try again later.`,
        retryAfterMs: Math.round(waitEstimate(state, model, nowMs)(model.queue.length)),
      })
    }
  }
}
