import type { Waiter } from '../queue/waiter.ts'
import type { ModelState } from '../state/model-state.ts'
import type { SchedulerState, Step } from '../state/scheduler-state.ts'

/** Starts whoever waits for a model that is ready and has a slot; where models share a limit, the oldest first. */
export function serveWaiters(step: Step): void {
  for (const model of step.state.models.values()) {
    if (model.phase === 'ready') for (const waiter of model.queue.loadOnly) serve(step, model, waiter)
  }
  for (;;) {
    const model = nextToServe(step.state)
    const waiter = model?.queue.next({ nowMs: step.nowMs, maxWaitMs: step.state.settings.maxWaitMs })
    if (model === undefined || waiter === undefined) return
    serve(step, model, waiter)
  }
}

export function isClassFull({ settings, models }: SchedulerState, { model }: ModelState): boolean {
  const limit = model.costClass === undefined ? undefined : settings.classLimits[model.costClass]
  if (limit === undefined) return false
  let atWork = 0
  for (const other of models.values()) if (other.model.costClass === model.costClass) atWork += other.running.size
  return atWork >= limit
}

function nextToServe(state: SchedulerState): ModelState | undefined {
  let best: ModelState | undefined
  let bestSequence = Infinity
  for (const model of state.models.values()) {
    if (model.phase !== 'ready' || model.queue.length === 0 || !model.hasFreeSlot || isClassFull(state, model)) continue
    const sequence = model.queue.oldest()?.sequence ?? Infinity
    if (sequence < bestSequence) [best, bestSequence] = [model, sequence]
  }
  return best
}

function serve({ state, nowMs, emit }: Step, model: ModelState, waiter: Waiter): void {
  const { requestId, isLoadOnly } = waiter
  const chargedMs = isLoadOnly ? 0 : model.serviceMs.value
  model.queue.take(waiter, chargedMs)
  model.owed.delete(requestId)
  state.waiters.delete(requestId)
  if (!isLoadOnly) {
    model.running.set(requestId, { waiter, startedAtMs: nowMs, chargedMs })
    state.atWork.set(requestId, model.name)
  }
  model.lastUsedAtMs = nowMs
  emit({ type: 'serve', requestId, model: model.name })
}
