import type { EngineCounters } from './engine-counters.ts'
import type { EngineSettings } from './engine-options.ts'
import type { FaultBoard } from './fault-board.ts'
import type { Fault } from './fault.ts'
import type { Pace } from './pace.ts'
import type { SlotPool } from './slot-pool.ts'

/** Shows up as `system_fingerprint` and in `/props`: nobody shall take it for a real build. */
export const buildInfo = 'b0-simulated'

/** What the endpoints share. */
export interface Engine {
  readonly settings: EngineSettings
  readonly pool: SlotPool
  readonly pace: Pace
  readonly counters: EngineCounters
  readonly faults: FaultBoard
  /** Unix seconds, as in the `created` of replies. */
  readonly createdSeconds: () => number
  /** Letters and digits, never the same twice; the same in every run with the same seed. */
  readonly nextId: () => string
  readonly addFault: (fault: Fault) => Promise<void>
  readonly clearFaults: () => Promise<void>
}
