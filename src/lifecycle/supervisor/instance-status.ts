import type { InstancePhase } from '../instance/instance-state.ts'
import type { LaunchFailure } from '../instance/launch-failure.ts'

/** How a model stands; may be asked at any time and changes nothing. */
export interface InstanceStatus {
  readonly model: string
  readonly phase: InstancePhase
  /** Monotonic time from which on it is in this phase. */
  readonly sinceMs: number
  readonly pid?: number
  readonly url?: string
  readonly loadMs?: number
  readonly logFile?: string
  /** Runs with a command that the configuration does not hold any more. */
  readonly isOutdated: boolean
  /** Starts in a row that led to nothing, and when the next may be. */
  readonly failures: number
  readonly retryAtMs: number
  readonly lastFailure?: LaunchFailure
}
