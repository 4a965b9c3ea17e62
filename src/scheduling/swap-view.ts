import type { ResidentModel, SwapView, WaitingModel } from './policies/swap-policy.ts'
import type { SchedulerModel } from './scheduler-model.ts'
import type { ModelState } from './state/model-state.ts'
import { committedModels } from './state/scheduler-state.ts'
import type { SchedulerState, Step } from './state/scheduler-state.ts'
import { isBlocked } from './steps/refuse-impossible.ts'

/** What a policy may know when it chooses the next swap. */
export function swapView(step: Pick<Step, 'state' | 'nowMs'>): SwapView {
  const { state, nowMs } = step
  const models = [...state.models.values()]
  return {
    nowMs,
    maxWaitMs: state.settings.maxWaitMs,
    waiting: models.filter((model) => isWaiting(step, model)).map((model) => asWaiting(state, model, nowMs)),
    residents: models
      .filter((model) => isEvictable(model, nowMs))
      .map((model) => asResident(model, nowMs, state.constraint.evictCost(model.held))),
    isOverdueTurn: state.isOverdueTurn,
    hasRoom: roomFinder(state),
    mayEvict: ({ target, victim }) => {
      const [coming, going] = [state.models.get(target), state.models.get(victim)]
      if (coming === undefined || going === undefined) return false
      return state.constraint.mayEvict({ target: coming.model, victim: going.held })
    },
  }
}

function isWaiting(step: Pick<Step, 'state' | 'nowMs'>, model: ModelState): boolean {
  if (model.phase !== 'absent' || model.queue.length === 0 || model.retryAtMs > step.nowMs) return false
  return !step.state.swaps.some(({ target }) => target === model.name) && !isBlocked(step, model)
}

/** Not before its first batch has started; but a load that nobody waits for any more gives way at once. */
function isEvictable(model: ModelState, nowMs: number): boolean {
  if (model.isPinned(nowMs)) return false
  return model.phase === 'ready' ? model.owed.size === 0 : model.phase === 'loading' && model.queue.length === 0
}

function asWaiting(state: SchedulerState, model: ModelState, nowMs: number): WaitingModel {
  const oldest = model.queue.oldest()
  return {
    ...model.traffic(nowMs),
    waitedMs: model.queue.waitedMs(nowMs),
    dueAtMs: model.queue.dueAtMs(state.settings.maxWaitMs),
    oldestArrivedAtMs: oldest?.arrivedAtMs ?? Infinity,
    oldestSequence: oldest?.sequence ?? Infinity,
  }
}

function asResident(model: ModelState, nowMs: number, evictCost: number): ResidentModel {
  // Whoever a load was for has left: it may finish, but it is not worth a moment of anybody's waiting.
  const isUnwanted = model.phase === 'loading'
  return {
    ...model.traffic(nowMs),
    ...(isUnwanted && { rate: 0, weightedRate: 0 }),
    running: model.running.size,
    lastUsedAtMs: model.lastUsedAtMs,
    heldUntilMs: model.phase === 'ready' ? model.loadedAtMs + model.model.minimumResidencyMs : 0,
    evictCost,
  }
}

/** A target must fit beside all that will be resident, and nothing that is already coming may be shut out by it. */
function roomFinder(state: SchedulerState): SwapView['hasRoom'] {
  const committed = committedModels(state)
  const coming = new Set(state.swaps.map(({ target }) => target))
  const { admits } = state.constraint
  return ({ target: name, evict }) => {
    const target = state.models.get(name)?.model
    if (target === undefined) return false
    const beside: readonly SchedulerModel[] = committed.filter((model) => !evict.includes(model.name))
    if (!admits({ target, beside })) return false
    return beside.every(
      (other) =>
        !coming.has(other.name) ||
        admits({ target: other, beside: [...beside.filter((model) => model !== other), target] }),
    )
  }
}
