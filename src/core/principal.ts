import type { RecallMode } from './recall-mode.ts'
import type { TrustZone } from './trust.ts'

export const scopes = ['chat', 'admin', 'metrics', 'gateway'] as const

export type Scope = (typeof scopes)[number]

/** The tenant of whoever is given no other. */
export const defaultTenant = 'default'

/** Who is asking, once the edge knows. Never holds the credential itself. */
export interface Principal {
  /** Stable name for logs and limits: the key's name, the token's subject, `anonymous`, or what a trusted hop said. */
  readonly id: string
  /** Whose house it belongs to: what is kept and shown of one tenant's requests is never seen by another. `defaultTenant` when absent. */
  readonly tenant?: string
  /** The operator's own commands on this machine, which could read the data folder as well. */
  readonly seesEveryTenant?: boolean
  readonly scopes: ReadonlySet<Scope>
  /** Which models it may use; everything when absent. */
  readonly mayUseModel?: (model: string) => boolean
  /** The widest zone its requests may travel to, beyond the zone of the model asked for. */
  readonly mayLeave?: TrustZone
  /** `x-llmr-user` counts only from such a key. */
  readonly trustsUserHeaders?: boolean
  /** The most that its chats are given back of their conversations; `off`: they are not kept either. */
  readonly recall?: RecallMode
  readonly maxConcurrent?: number
  readonly requestsPerMinute?: number
}
