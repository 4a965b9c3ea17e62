import type { SwapStanding } from '../../../src/scheduling/snapshot.ts'
import type { ModelPhase } from '../../../src/scheduling/state/model-state.ts'

/** What rules about swaps look at after an event. */
export interface Standing {
  readonly nowMs: number
  readonly phases: ReadonlyMap<string, ModelPhase>
  readonly swaps: readonly SwapStanding[]
  /** When the oldest request came that waits, by model. */
  readonly oldestAtMs: ReadonlyMap<string, number>
}
