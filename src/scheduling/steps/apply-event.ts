import type { SchedulerEvent } from '../scheduler-event.ts'
import type { Step } from '../state/scheduler-state.ts'
import { admitRequest } from './admit-request.ts'
import { applySettings } from './apply-settings.ts'
import { modelFailed, modelGone, modelLoaded, modelStopped } from './model-changes.ts'
import { finishRequest } from './finish-request.ts'
import { removeWaiter } from './refuse-waiter.ts'
import { unloadModels } from './unload-models.ts'

/** Writes down what has happened. What follows from it is for the steps after. */
export function applyEvent(step: Step, event: SchedulerEvent): void {
  const { state } = step
  switch (event.type) {
    case 'arrive':
      return admitRequest(step, event)
    case 'cancel': {
      const waiter = state.waiters.get(event.requestId)
      if (waiter) removeWaiter(step, waiter)
      return
    }
    case 'finished':
      return finishRequest(step, event.requestId)
    case 'loaded':
      return modelLoaded(step, event)
    case 'loadFailed':
      return modelFailed(step, event)
    case 'stopped':
      return modelStopped(step, event)
    case 'crashed':
      return modelGone(step, event.model, event.retryAtMs)
    case 'estimated':
      return state.models.get(event.model)?.loadMs.set(event.loadMs)
    case 'unload':
      return unloadModels(step, event)
    case 'pin':
      return setLease(step, event.model, event.untilMs)
    case 'unpin':
      return setLease(step, event.model, 0)
    case 'idle':
      return setIdle(step, event)
    case 'configure':
      return applySettings(step, event.settings)
    case 'tick':
      // The owner's timer is spent, even if it rang a moment early.
      state.wakeAtMs = Infinity
      return
  }
}

function setIdle({ state }: Step, { model: name, forMs }: { readonly model: string; readonly forMs: number }): void {
  const model = state.models.get(name)
  if (model && model.phase !== 'absent') model.idleMs = forMs
}

function setLease({ state }: Step, name: string, untilMs: number): void {
  const model = state.models.get(name)
  if (model) model.pinnedUntilMs = untilMs
}
