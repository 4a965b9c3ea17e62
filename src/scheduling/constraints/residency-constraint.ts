import type { SchedulerModel } from '../scheduler-model.ts'

/**
 * Says which models may be resident together. Pure, and asked often: one decision may ask hundreds of times. Fewer
 * residents must never be worse: what is admitted beside some is admitted beside any part of them.
 */
export interface ResidencyConstraint {
  /** Whether `target` may be started while `beside` are resident. */
  readonly admits: (question: {
    readonly target: SchedulerModel
    readonly beside: readonly SchedulerModel[]
  }) => boolean
  /** Whether `victim` may be put out to make room for `target`; it may where this is absent. */
  readonly mayEvict?: (question: { readonly target: SchedulerModel; readonly victim: SchedulerModel }) => boolean
  /** Multiplies the harm of putting a model out; 1 where absent. */
  readonly evictCost?: (victim: SchedulerModel) => number
}

/** Every one must agree; costs multiply. */
export function allOf(constraints: readonly ResidencyConstraint[]): Required<ResidencyConstraint> {
  return {
    admits: (question) => constraints.every(({ admits }) => admits(question)),
    mayEvict: (question) => constraints.every(({ mayEvict }) => mayEvict?.(question) ?? true),
    evictCost: (victim) => constraints.reduce((cost, { evictCost }) => cost * (evictCost?.(victim) ?? 1), 1),
  }
}
