import { waitEstimate } from './estimate-wait.ts'
import { patienceMs } from './lane.ts'
import type { Lane } from './lane.ts'
import type { ModelPhase, ModelState } from './state/model-state.ts'
import { presentModels, sleepingModels } from './state/scheduler-state.ts'
import type { SchedulerState } from './state/scheduler-state.ts'
import { sizeIn } from './constraints/memory-pools.ts'

/** How things stand at one moment: plain data, for `/llmr/v1/queue`, `/running` and the metrics. */
export interface SchedulerSnapshot {
  readonly policy: string
  readonly models: readonly ModelStanding[]
  readonly pools: readonly { readonly name: string; readonly sizeBytes: number; readonly usedBytes: number }[]
  /** Chosen swaps whose target has not been started. */
  readonly swaps: readonly SwapStanding[]
  /** Everyone who waits, in the order of arrival. */
  readonly queue: readonly WaiterStanding[]
}

export interface ModelStanding {
  readonly name: string
  readonly phase: ModelPhase
  /** Absent, but its process is there, and wakes quickly. */
  readonly isAsleep?: true
  readonly running: number
  readonly queued: number
  readonly slots: number
  /** Memory it holds when it is there, by pool. */
  readonly sizeBytes: Readonly<Record<string, number>>
  readonly isPinned: boolean
  /** End of its lease, milliseconds from now. */
  readonly pinnedForMs?: number
  /** How long its load has taken so far; `expectedLoadMs` says of how much. */
  readonly loadingMs?: number
  /** How long it has been in memory, and unused. */
  readonly residentMs?: number
  readonly idleMs?: number
  /** Why it is on its way out. */
  readonly closingBecause?: string
  /** Its last start failed; milliseconds until the next is tried. */
  readonly retryInMs?: number
  readonly expectedLoadMs: number
  readonly meanServiceMs: number
}

export interface SwapStanding {
  readonly target: string
  /** Those that have not gone yet. */
  readonly evict: readonly string[]
  readonly sinceMs: number
  readonly isForced: boolean
  readonly because: string
}

export interface WaiterStanding {
  readonly requestId: string
  readonly model: string
  readonly lane: Lane
  readonly principal: string
  /** 1: nobody of its model came earlier and still waits. */
  readonly position: number
  readonly waitedMs: number
  /** It should start within so many milliseconds; an estimate that is often too long, seldom too short. */
  readonly withinMs: number
  readonly isOverdue: boolean
}

export function takeSnapshot(state: SchedulerState, nowMs: number): SchedulerSnapshot {
  const models = [...state.models.values()]
  return {
    policy: state.settings.policy.name,
    models: models.flatMap((model) => modelStanding(model, nowMs) ?? []),
    pools: poolStandings(state),
    swaps: swapStandings(state, nowMs),
    queue: models
      .flatMap((model) => waiterStandings(state, model, nowMs))
      .toSorted((one, other) => one.sequence - other.sequence)
      .map(({ standing }) => standing),
  }
}

export function swapStandings({ swaps }: SchedulerState, nowMs: number): readonly SwapStanding[] {
  return swaps.map(({ target, evict, decidedAtMs, isForced, because }) => ({
    target,
    evict: [...evict],
    sinceMs: nowMs - decidedAtMs,
    isForced,
    because,
  }))
}

export function modelStanding(model: ModelState | undefined, nowMs: number): ModelStanding | undefined {
  if (model === undefined) return undefined
  const { name, phase } = model
  const wasLoaded = phase === 'ready' || phase === 'closing' || phase === 'stopping'
  return {
    name,
    phase,
    ...(model.sleep !== 'no' && { isAsleep: true as const }),
    running: model.running.size,
    queued: model.queue.length,
    slots: model.model.slots,
    sizeBytes: (phase === 'absent' ? model.model : model.held).sizeBytes,
    isPinned: model.isPinned(nowMs),
    ...(model.pinnedUntilMs > nowMs && { pinnedForMs: model.pinnedUntilMs - nowMs }),
    ...(phase === 'loading' && { loadingMs: nowMs - model.startedAtMs }),
    ...(wasLoaded && { residentMs: nowMs - model.loadedAtMs }),
    ...(wasLoaded && model.running.size === 0 && { idleMs: nowMs - model.lastUsedAtMs }),
    ...((phase === 'closing' || phase === 'stopping') && { closingBecause: model.closingBecause }),
    ...(model.retryAtMs > nowMs && { retryInMs: model.retryAtMs - nowMs }),
    expectedLoadMs: model.nextLoadMs,
    meanServiceMs: model.serviceMs.value,
  }
}

export function waiterStanding(state: SchedulerState, requestId: string, nowMs: number): WaiterStanding | undefined {
  const model = state.models.get(state.waiters.get(requestId)?.model ?? '')
  if (model === undefined) return undefined
  return waiterStandings(state, model, nowMs).find(({ standing }) => standing.requestId === requestId)?.standing
}

function poolStandings(state: SchedulerState): SchedulerSnapshot['pools'] {
  const present = [...presentModels(state), ...sleepingModels(state.models.values())]
  return Object.entries(state.settings.pools).map(([name, sizeBytes]) => ({
    name,
    sizeBytes,
    usedBytes: present.reduce((sum, model) => sum + sizeIn(model, name), 0),
  }))
}

interface OrderedStanding {
  readonly sequence: number
  readonly standing: WaiterStanding
}

function waiterStandings(state: SchedulerState, model: ModelState, nowMs: number): readonly OrderedStanding[] {
  const estimate = waitEstimate(state, model, nowMs)
  const waiters = Array.from(model.queue).sort((one, other) => one.sequence - other.sequence)
  return waiters.map((waiter, ahead) => ({
    sequence: waiter.sequence,
    standing: {
      requestId: waiter.requestId,
      model: waiter.model,
      lane: waiter.lane,
      principal: waiter.principal,
      position: ahead + 1,
      waitedMs: nowMs - waiter.arrivedAtMs,
      withinMs: estimate(ahead),
      isOverdue: waiter.arrivedAtMs + patienceMs(waiter.lane, state.settings.maxWaitMs) <= nowMs,
    },
  }))
}
