import { presentModels } from '../state/scheduler-state.ts'
import type { PendingSwap, SchedulerState, Step } from '../state/scheduler-state.ts'
import { hasRoomBesideSleepers } from './sleepers.ts'

/** Takes every swap, and whatever else is on its way out, as far as it can go for now. */
export function advanceSwaps(step: Step): void {
  stopDrained(step)
  startTargets(step)
}

/** Stops what has closed and runs nothing any more. */
function stopDrained({ state, nowMs, emit }: Step): void {
  for (const model of state.models.values()) {
    if (model.phase !== 'closing' || model.running.size > 0) continue
    model.phase = 'stopping'
    model.stopAskedAtMs = nowMs
    const isFinal = model.leaving === 'unload' || model.leaving === 'removed'
    emit({ type: 'stop', model: model.name, because: model.closingBecause, ...(isFinal && { isFinal }) })
  }
}

/**
 * Starts each target whose victims have gone, as soon as memory is free by what events have said: until then another
 * swap's victims may hold it. Earlier swaps take it first.
 */
function startTargets(step: Step): void {
  const { state, nowMs, emit } = step
  for (const swap of state.swaps) {
    const model = state.models.get(swap.target)
    if (model === undefined || !canStart(state, swap) || !hasRoomBesideSleepers(step, model)) continue
    model.start(nowMs)
    state.swaps = state.swaps.filter((other) => other !== swap)
    emit({ type: 'start', model: model.name, because: swap.because })
  }
}

function canStart(state: SchedulerState, { target, evict }: PendingSwap): boolean {
  const model = state.models.get(target)
  // Its last process is being ended out of its sleep; a fresh one waits for that.
  if (model === undefined || model.sleep === 'ending') return false
  return evict.size === 0 && state.constraint.admits({ target: model.model, beside: presentModels(state) })
}
