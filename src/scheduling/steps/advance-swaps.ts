import { presentModels } from '../state/scheduler-state.ts'
import type { PendingSwap, SchedulerState, Step } from '../state/scheduler-state.ts'

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
    emit({ type: 'stop', model: model.name, because: model.closingBecause })
  }
}

/**
 * Starts each target whose victims have gone, as soon as memory is free by what events have said: until then another
 * swap's victims may hold it. Earlier swaps take it first.
 */
function startTargets({ state, nowMs, emit }: Step): void {
  for (const swap of state.swaps) {
    const model = state.models.get(swap.target)
    if (model === undefined || !canStart(state, swap)) continue
    model.phase = 'loading'
    model.held = model.model
    model.startedAtMs = nowMs
    state.swaps = state.swaps.filter((other) => other !== swap)
    emit({ type: 'start', model: model.name, because: swap.because })
  }
}

function canStart(state: SchedulerState, { target, evict }: PendingSwap): boolean {
  const model = state.models.get(target)?.model
  return (
    model !== undefined && evict.size === 0 && state.constraint.admits({ target: model, beside: presentModels(state) })
  )
}
