import type { Connection } from '../../backends/connection.ts'
import type { BackendDescription, BackendSettings } from '../../core/backend.ts'

/** What has to be known of a backend to find out how tools reach its models. */
export interface LaneBackend {
  readonly settings: BackendSettings
  readonly connection: Connection
  readonly description: BackendDescription | undefined
  /** Requests it works on for this gateway. */
  readonly inFlight: number
}
