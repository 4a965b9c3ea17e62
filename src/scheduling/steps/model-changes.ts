import type { SchedulerEvent } from '../scheduler-event.ts'
import type { Step } from '../state/scheduler-state.ts'
import { refuseAll } from './refuse-waiter.ts'

type EventOf<Type extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: Type }>

/** One that was asked to stop while it loaded may still say that it is ready; it is on its way out all the same. */
export function modelLoaded({ state, nowMs }: Step, { model: name, loadMs }: EventOf<'loaded'>): void {
  const model = state.models.get(name)
  if (model?.phase !== 'loading') return
  model.phase = 'ready'
  model.loadedAtMs = nowMs
  model.lastUsedAtMs = nowMs
  model.retryAtMs = 0
  model.loadMs.add(loadMs)
  for (const { requestId } of model.queue) model.owed.add(requestId)
}

export function modelFailed(step: Step, { model: name, cause, isRetryable, retryAtMs }: EventOf<'loadFailed'>): void {
  modelGone(step, name, retryAtMs)
  if (!isRetryable) {
    refuseAll(step, name, { reason: 'load_failed', message: `${name} could not be started: ${cause}` })
  }
}

/** Its memory is free, whether it was told to go or went by itself. Its waiters stay. */
export function modelGone({ state, nowMs }: Step, name: string, retryAtMs = 0): void {
  const model = state.models.get(name)
  if (model === undefined || model.phase === 'absent') return
  if (model.phase === 'stopping') model.stopMs.add(nowMs - model.stopAskedAtMs)
  for (const requestId of model.running.keys()) state.atWork.delete(requestId)
  const isRemoved = model.leaving === 'removed'
  model.clear()
  model.retryAtMs = retryAtMs
  for (const { evict } of state.swaps) evict.delete(name)
  if (isRemoved) state.models.delete(name)
}
