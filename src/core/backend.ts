import type { ModelDescription } from './model.ts'
import type { TrustZone } from './trust.ts'

/** A backend as the operator described it, defaults filled in. */
export interface BackendSettings {
  readonly name: string
  /** Base address without a trailing slash and without `/v1`. */
  readonly url: string
  /** `auto` until the server has been asked. */
  readonly kind: string
  readonly trust: TrustZone
  readonly apiKey?: string
  readonly headers: Readonly<Record<string, string>>
  /** Globs of the models to use from it; a plain name counts as present even if the server lists none. */
  readonly models?: readonly string[]
  readonly weight: number
  readonly maxConcurrent?: number
  readonly contextLength?: number
  readonly isPaid: boolean
  readonly tls?: { readonly ca?: string; readonly insecure: boolean }
}

/** What a backend said about itself when it was last asked. */
export interface BackendDescription {
  readonly kind: string
  readonly version?: string
  readonly models: readonly ModelDescription[]
  /** Requests the whole server works on at once. */
  readonly slots?: number
  /** True while the engine loads a model: it is well, but cannot serve yet. */
  readonly isLoading?: boolean
}

/** Why a backend did not serve: the classes that breaker, fallback, logs and `llmr backends` share. */
export const failureCauses = [
  'refused',
  'unresolved',
  'connect_timeout',
  'tls',
  'unauthorized',
  'loading',
  'busy',
  'rejected',
  'server_error',
  'slow_first_byte',
  'idle',
  'died_before_reply',
  'died_mid_stream',
  'malformed',
  'no_such_model',
] as const

export type FailureCause = (typeof failureCauses)[number]
