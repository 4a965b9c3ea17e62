import { allOf } from '../constraints/residency-constraint.ts'
import type { ResidencyConstraint } from '../constraints/residency-constraint.ts'
import { memoryPools } from '../constraints/memory-pools.ts'
import type { Waiter } from '../queue/waiter.ts'
import type { SchedulerEffect } from '../scheduler-effect.ts'
import type { SchedulerModel } from '../scheduler-model.ts'
import type { SchedulerSettings } from '../scheduler-settings.ts'
import { ModelState } from './model-state.ts'

/** A swap that has been chosen and whose target has not been started yet. */
export interface PendingSwap {
  readonly target: string
  /** Those that have not gone yet. */
  readonly evict: Set<string>
  readonly decidedAtMs: number
  readonly isForced: boolean
  readonly because: string
}

/** All that the scheduler remembers. Owned by one scheduler; its steps change it, one event at a time. */
export interface SchedulerState {
  settings: SchedulerSettings
  constraint: Required<ResidencyConstraint>
  readonly models: Map<string, ModelState>
  /** Everyone who waits, by request id. */
  readonly waiters: Map<string, Waiter>
  /** The model of everyone at work, by request id. */
  readonly atWork: Map<string, string>
  /** In the order they were chosen, which is the order in which they take memory that comes free. */
  swaps: readonly PendingSwap[]
  /** The last swap that put a model out was not for an overdue request. */
  isOverdueTurn: boolean
  /** When the policy wants to be asked again. */
  policyAskAtMs: number
  /** The wake-up asked for whose `tick` has not come. */
  wakeAtMs: number
  prefetchList: readonly string[]
  sequence: number
}

/** What a step works with: the state, the time of the event, and where effects go. */
export interface Step {
  readonly state: SchedulerState
  readonly nowMs: number
  readonly emit: (effect: SchedulerEffect) => void
}

export function initialState(settings: SchedulerSettings): SchedulerState {
  return {
    settings,
    constraint: constraintOf(settings),
    models: new Map(settings.models.map((model) => [model.name, new ModelState(model)])),
    waiters: new Map(),
    atWork: new Map(),
    swaps: [],
    isOverdueTurn: true,
    policyAskAtMs: Infinity,
    wakeAtMs: Infinity,
    prefetchList: [],
    sequence: 0,
  }
}

export function constraintOf({ pools, constraint }: SchedulerSettings): Required<ResidencyConstraint> {
  return allOf([memoryPools(pools), ...(constraint ? [constraint] : [])])
}

/** What will be resident once every swap under way is done. */
export function committedModels(state: SchedulerState): readonly SchedulerModel[] {
  const staying = Array.from(state.models.values()).filter(({ isStaying }) => isStaying)
  const coming = state.swaps.flatMap(({ target }) => state.models.get(target) ?? [])
  return [...staying.map(({ held }) => held), ...coming.map(({ model }) => model)]
}

/** Those that sleep, as large as they are then. Only their memory counts: they are resident with nobody. */
export function sleepingModels(models: Iterable<ModelState>): readonly SchedulerModel[] {
  return Array.from(models).flatMap(({ sleep, held }) => {
    return sleep === 'no' ? [] : [{ ...held, sizeBytes: held.sleepingBytes ?? {} }]
  })
}

/** What holds memory at this moment, but for what sleeps. */
export function presentModels(state: SchedulerState): readonly SchedulerModel[] {
  return Array.from(state.models.values())
    .filter(({ phase }) => phase !== 'absent')
    .map(({ held }) => held)
}
