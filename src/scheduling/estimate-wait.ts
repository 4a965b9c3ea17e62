import { drainMs, servedAtOnce } from './policies/expected-times.ts'
import type { ModelState } from './state/model-state.ts'
import type { SchedulerState } from './state/scheduler-state.ts'

/**
 * Milliseconds after which a request should have started, by how many others of its model are before it. For a model
 * that is out this counts on it coming in when its oldest request is overdue; it is often sooner.
 */
export function waitEstimate(state: SchedulerState, model: ModelState, nowMs: number): (ahead: number) => number {
  const readyMs = untilReadyMs(state, model, nowMs)
  return (ahead) => readyMs + turnsMs(model, ahead)
}

function turnsMs(model: ModelState, ahead: number): number {
  const atOnce = servedAtOnce(model.model)
  const free = model.phase === 'ready' ? atOnce - model.running.size : atOnce
  return Math.max(0, Math.ceil((ahead + 1 - free) / atOnce)) * model.serviceMs.value
}

function untilReadyMs(state: SchedulerState, model: ModelState, nowMs: number): number {
  const loadMs = model.nextLoadMs
  switch (model.phase) {
    case 'ready':
      return 0
    case 'loading':
      return Math.max(0, loadMs - (nowMs - model.startedAtMs))
    case 'closing':
      return drainOf(model) + model.stopMs.value + untilStartMs(state, model, nowMs) + loadMs
    case 'stopping':
      return (
        Math.max(0, model.stopMs.value - (nowMs - model.stopAskedAtMs)) + untilStartMs(state, model, nowMs) + loadMs
      )
    case 'absent':
      return untilStartMs(state, model, nowMs) + loadMs
  }
}

function untilStartMs(state: SchedulerState, model: ModelState, nowMs: number): number {
  const swap = state.swaps.find(({ target }) => target === model.name)
  const retryMs = Math.max(0, model.retryAtMs - nowMs)
  if (swap === undefined) {
    const dueAtMs = model.queue.dueAtMs(state.settings.maxWaitMs)
    return Math.max(retryMs, Number.isFinite(dueAtMs) ? dueAtMs - nowMs : 0)
  }
  const victims = [...swap.evict].flatMap((name) => state.models.get(name) ?? [])
  return Math.max(retryMs, 0, ...victims.map((victim) => drainOf(victim) + victim.stopMs.value))
}

function drainOf(model: ModelState): number {
  return drainMs({ serviceMs: model.serviceMs.value, running: model.running.size })
}
