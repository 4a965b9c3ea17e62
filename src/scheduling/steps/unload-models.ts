import type { ModelState } from '../state/model-state.ts'
import type { Step } from '../state/scheduler-state.ts'
import { closeModel } from './close-model.ts'
import { refuseAll } from './refuse-waiter.ts'
import { endSleeper } from './sleepers.ts'

/** For an operator: a pin does not hold against him. */
export function unloadModels(
  step: Step,
  { model: name, waiting }: { readonly model?: string; readonly waiting: 'refuse' | 'keep' },
): void {
  for (const model of step.state.models.values()) {
    if (name !== undefined && model.name !== name) continue
    if (waiting === 'refuse') {
      const message = `${model.name} has been unloaded by an operator. Ask again to have it loaded.`
      refuseAll(step, model.name, { reason: 'unloaded', message })
    }
    if (model.phase === 'absent') endSleeper(step, model, 'asked to unload')
    else closeModel(model, { because: 'asked to unload', leaving: 'unload' })
  }
}

/** Closes what nobody has used for its ttl. */
export function unloadIdle({ state, nowMs }: Step): void {
  for (const model of state.models.values()) {
    if (idleUntilMs(model) > nowMs || model.isPinned(nowMs)) continue
    closeModel(model, { because: 'unused for its ttl', leaving: 'idle' })
  }
}

/** When it will have been idle for its ttl, if nobody comes; infinite where that cannot happen. */
export function idleUntilMs({ phase, running, queue, ttlMs, lastUsedAtMs }: ModelState): number {
  const isIdle = phase === 'ready' && running.size === 0 && queue.length === 0
  return isIdle ? lastUsedAtMs + ttlMs : Infinity
}
