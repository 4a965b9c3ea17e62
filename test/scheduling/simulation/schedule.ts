import type { MatrixSettings } from '../../../src/scheduling/constraints/matrix.ts'
import type { ModelGroup } from '../../../src/scheduling/constraints/groups.ts'
import type { Lane } from '../../../src/scheduling/lane.ts'
import type { SchedulerModel } from '../../../src/scheduling/scheduler-model.ts'

/** Everything that happens in one simulated run, as plain data: it can be printed, cut down and run again. */
export interface Schedule {
  readonly seed: number
  /** Nothing but arrivals and clients that leave: the bound on waiting is asserted. */
  readonly isPlain: boolean
  readonly policy: 'ripe' | 'fifo'
  readonly pools: Readonly<Record<string, number>>
  readonly models: readonly SimulatedModel[]
  readonly groups: readonly ModelGroup[]
  readonly matrix?: MatrixSettings
  readonly maxWaitMs: number
  readonly queuedPerModelMax: number
  readonly queuedMax: number
  readonly happenings: readonly Happening[]
}

export interface SimulatedModel extends SchedulerModel {
  /** What a load and a stop really take. */
  readonly loadMs: number
  readonly stopMs: number
}

export type Happening = { readonly atMs: number } & (
  | ArrivalHappening
  | { readonly type: 'crash'; readonly model: string; readonly backOffMs: number }
  | { readonly type: 'failNextLoad'; readonly model: string; readonly isRetryable: boolean; readonly backOffMs: number }
  | { readonly type: 'slowNextStop'; readonly model: string; readonly extraMs: number }
  | { readonly type: 'unload'; readonly model?: string; readonly waiting: 'refuse' | 'keep' }
  | { readonly type: 'pin'; readonly model: string; readonly forMs: number }
  | { readonly type: 'unpin'; readonly model: string }
  | { readonly type: 'resize'; readonly maxWaitMs: number; readonly poolShare: number }
  | { readonly type: 'remove'; readonly model: string }
  | { readonly type: 'restore' }
)

export interface ArrivalHappening {
  readonly type: 'arrive'
  readonly requestId: string
  readonly model: string
  readonly lane: Lane
  readonly principal: string
  readonly weight: number
  readonly patienceMs: number
  readonly serviceMs: number
  readonly leavesAfterMs?: number
  readonly isLoadOnly?: boolean
}
