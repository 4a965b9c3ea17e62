import type { SchedulerState, Step } from '../state/scheduler-state.ts'
import { idleUntilMs } from './unload-models.ts'

/** Asks to be woken when time alone changes something. A wake-up that comes too early does no harm, so it is left. */
export function askWake({ state, nowMs, emit }: Step): void {
  const nextMs = nextChangeMs(state, nowMs)
  if (nextMs >= state.wakeAtMs) return
  state.wakeAtMs = nextMs
  emit({ type: 'wakeAt', atMs: nextMs })
}

function nextChangeMs({ settings, models, policyAskAtMs, waiters }: SchedulerState, nowMs: number): number {
  let nextMs = policyAskAtMs
  const consider = (atMs: number): void => {
    if (atMs > nowMs && atMs < nextMs) nextMs = atMs
  }
  for (const model of models.values()) {
    consider(model.queue.earliestDeadlineMs)
    consider(Math.max(idleUntilMs(model), model.pinnedUntilMs))
    if (waiters.size > 0) consider(model.pinnedUntilMs)
    if (model.phase !== 'absent' || model.queue.length === 0) continue
    consider(model.queue.dueAtMs(settings.maxWaitMs))
    consider(model.retryAtMs)
  }
  return nextMs
}
