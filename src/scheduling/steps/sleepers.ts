import { memoryPools } from '../constraints/memory-pools.ts'
import type { SchedulerModel } from '../scheduler-model.ts'
import type { ModelState } from '../state/model-state.ts'
import { presentModels, sleepingModels } from '../state/scheduler-state.ts'
import type { SchedulerState, Step } from '../state/scheduler-state.ts'

/**
 * Whether the memory that sleeping models hold leaves room for one that is about to start. Where it does not, as many are
 * ended as it takes, those unused longest first: they slept to come back quickly, not to keep others out.
 */
export function hasRoomBesideSleepers(step: Step, target: ModelState): boolean {
  const { state } = step
  const sleepers = sleepingStates(state).filter((model) => model !== target)
  if (sleepers.length === 0 || fits(state, target, sleepers)) return true
  const toKeep = sleepers.filter(({ sleep }) => sleep === 'asleep').toSorted((one, other) => byUse(one, other))
  while (toKeep.length > 0 && !fits(state, target, toKeep)) {
    const sleeper = toKeep.shift()
    if (sleeper !== undefined) endSleeper(step, sleeper, `sleeps where ${target.name} needs its memory`)
  }
  return false
}

/** Has its process ended, which is told by `stopped`. */
export function endSleeper({ emit }: Step, model: ModelState, because: string): void {
  if (model.sleep !== 'asleep') return
  model.sleep = 'ending'
  emit({ type: 'stop', model: model.name, because, isFinal: true })
}

/** The process of a sleeping model has ended, asked or not. */
export function sleeperGone({ state }: Step, model: ModelState): void {
  model.sleep = 'no'
  if (model.leaving === 'removed') state.models.delete(model.name)
  model.leaving = undefined
}

function byUse(one: ModelState, other: ModelState): number {
  // Who is asked for comes back in a moment, so it is the last to be ended.
  return Number(one.queue.length > 0) - Number(other.queue.length > 0) || one.lastUsedAtMs - other.lastUsedAtMs
}

function sleepingStates({ models }: SchedulerState): readonly ModelState[] {
  return Array.from(models.values()).filter(({ sleep }) => sleep !== 'no')
}

function fits(state: SchedulerState, target: ModelState, sleepers: readonly ModelState[]): boolean {
  const beside: readonly SchedulerModel[] = [...presentModels(state), ...sleepingModels(sleepers)]
  return memoryPools(state.settings.pools).admits({ target: target.model, beside })
}
