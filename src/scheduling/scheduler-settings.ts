import type { ResidencyConstraint } from './constraints/residency-constraint.ts'
import type { SwapPolicy } from './policies/swap-policy.ts'
import type { SchedulerModel } from './scheduler-model.ts'

/** Everything an operator decides. A change is handed in as a whole by the event `configure`. */
export interface SchedulerSettings {
  readonly models: readonly SchedulerModel[]
  /** Bytes of each pool of memory that llmr may fill, such as `{ gpu0: 24e9 }`. A model naming another pool never fits. */
  readonly pools: Readonly<Record<string, number>>
  /** What else speaks against models being resident together: groups, a matrix. */
  readonly constraint?: ResidencyConstraint
  readonly policy: SwapPolicy
  /** From here on a waiting request is overdue: at least every second swap is for the oldest such request. */
  readonly maxWaitMs: number
  /** Waiting requests of one model, those at work not counted; one more is refused. */
  readonly queuedPerModelMax: number
  /** Waiting requests in all. */
  readonly queuedMax: number
  /** Requests at work at once over all models of a `costClass`. */
  readonly classLimits: Readonly<Record<string, number>>
}

export const schedulerDefaults = {
  maxWaitMs: 60_000,
  queuedPerModelMax: 100,
  queuedMax: 2_000,
  classLimits: {},
} as const satisfies Partial<SchedulerSettings>
