import { committedModels } from '../state/scheduler-state.ts'
import type { PendingSwap, SchedulerState, Step } from '../state/scheduler-state.ts'

/**
 * Drops swaps that have not started loading and whose waiters have all left, or that new settings have made impossible.
 * Victims that still run are open again.
 */
export function giveUpSwaps({ state }: Step): void {
  const kept = state.swaps.filter((swap) => isWanted(state, swap) && isPossible(state, swap))
  if (kept.length === state.swaps.length) return
  state.swaps = kept
  for (const model of state.models.values()) {
    const isVictim = kept.some(({ evict }) => evict.has(model.name))
    if (model.phase === 'closing' && model.leaving === undefined && !isVictim) model.phase = 'ready'
  }
}

function isWanted({ models }: SchedulerState, { target }: PendingSwap): boolean {
  return (models.get(target)?.queue.length ?? 0) > 0
}

function isPossible(state: SchedulerState, { target }: PendingSwap): boolean {
  const model = state.models.get(target)?.model
  const beside = committedModels(state).filter(({ name }) => name !== target)
  return model !== undefined && state.constraint.admits({ target: model, beside })
}
