import type { Fleet } from './fleet/fleet.ts'
import type { Residency } from './fleet/residency.ts'
import type { GatewayInput } from './gateway-options.ts'

/** A gateway that runs. */
export interface Gateway {
  readonly url: string
  readonly instanceId: string
  /** The backends as they stand, for whoever greets the operator. */
  readonly fleet: Fleet
  readonly isSimulated: () => boolean
  readonly isAuthRequired: () => boolean
  /** Who is in memory; absent when llmr starts no engines. */
  readonly residency: () => Residency | undefined
  readonly modelNames: () => readonly string[]
  /** Makes a new configuration count without cutting a stream: only what changed is touched. */
  reload(input: GatewayInput): Promise<void>
  /** The configuration could not be read: the old one stays, and `/readyz` says why. */
  keepOldConfig(problem: string): void
  /** Stops accepting, lets replies finish within the configured bound, then closes everything. May be called twice. */
  close(): Promise<void>
}
