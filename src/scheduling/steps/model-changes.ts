import type { SchedulerEvent } from '../scheduler-event.ts'
import type { ModelState } from '../state/model-state.ts'
import type { Step } from '../state/scheduler-state.ts'
import { refuseAll } from './refuse-waiter.ts'
import { endSleeper, sleeperGone } from './sleepers.ts'

type EventOf<Type extends SchedulerEvent['type']> = Extract<SchedulerEvent, { type: Type }>

/** One that was asked to stop while it loaded may still say that it is ready; it is on its way out all the same. */
export function modelLoaded({ state, nowMs }: Step, { model: name, loadMs }: EventOf<'loaded'>): void {
  const model = state.models.get(name)
  if (model?.phase !== 'loading') return
  model.loaded(nowMs, loadMs)
  for (const { requestId } of model.queue) model.owed.add(requestId)
}

export function modelFailed(step: Step, { model: name, cause, isRetryable, retryAtMs }: EventOf<'loadFailed'>): void {
  modelGone(step, name, retryAtMs)
  if (!isRetryable) {
    const message = `${name} could not be started: ${cause} \`llmr logs ${name}\` has the last words of its engine.`
    refuseAll(step, name, { reason: 'load_failed', message })
  }
}

/** It ended, or fell asleep, because it was asked to or by itself. Its waiters stay. */
export function modelStopped(step: Step, { model: name, isAsleep = false }: EventOf<'stopped'>): void {
  const model = step.state.models.get(name)
  if (model === undefined) return
  if (!isAsleep) return model.phase === 'absent' ? sleeperGone(step, model) : modelGone(step, name)
  if (model.phase === 'absent') return
  const { leaving } = model
  becomeAbsent(step, model)
  model.sleep = 'asleep'
  if (leaving === 'removed') model.leaving = leaving
  // Asked for when it was falling asleep already.
  if (leaving === 'removed' || leaving === 'unload') endSleeper(step, model, model.closingBecause)
}

/** Its memory is free, whether it was told to go or went by itself. Its waiters stay. */
export function modelGone(step: Step, name: string, retryAtMs = 0): void {
  const model = step.state.models.get(name)
  if (model === undefined || model.phase === 'absent') return
  const isRemoved = model.leaving === 'removed'
  becomeAbsent(step, model, retryAtMs)
  if (isRemoved) step.state.models.delete(name)
}

function becomeAbsent({ state, nowMs }: Step, model: ModelState, retryAtMs = 0): void {
  if (model.phase === 'stopping') model.stopMs.add(nowMs - model.stopAskedAtMs)
  for (const requestId of model.running.keys()) state.atWork.delete(requestId)
  model.clear()
  model.retryAtMs = retryAtMs
  for (const { evict } of state.swaps) evict.delete(model.name)
}
