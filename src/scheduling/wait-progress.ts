import type { WaitPhase, WaitProgress } from '../core/wait-progress.ts'
import { waiterStanding } from './snapshot.ts'
import type { SchedulerState } from './state/scheduler-state.ts'

/** How far a request is that waits; undefined once it does not. Names no other model: whoever waits may not know them. */
export function waitProgress(state: SchedulerState, requestId: string, nowMs: number): WaitProgress | undefined {
  const waiter = waiterStanding(state, requestId, nowMs)
  if (waiter === undefined) return undefined
  const { model, position, waitedMs, withinMs } = waiter
  return { model, phase: phaseOf(state, model), position, waitedMs, withinMs }
}

function phaseOf(state: SchedulerState, name: string): WaitPhase {
  switch (state.models.get(name)?.phase) {
    case 'ready':
      return 'busy'
    case 'loading':
      return 'loading'
    case 'absent':
    case 'closing':
    case 'stopping':
    case undefined:
      return state.swaps.some(({ target }) => target === name) ? 'making-room' : 'queued'
  }
}
