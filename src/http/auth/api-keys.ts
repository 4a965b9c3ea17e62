import { hash, timingSafeEqual } from 'node:crypto'

import type { Principal, Scope } from '../../core/principal.ts'
import type { RecallMode } from '../../core/recall-mode.ts'
import type { TrustZone } from '../../core/trust.ts'
import { modelMatcher } from './model-matcher.ts'

/**
 * One API key, in the configuration's own words, so that what was read from llmr.yaml or keys.json is passed on as it is
 * and no field (an expiry, say) can be lost in a conversion.
 */
export interface ApiKeySettings {
  readonly name: string
  /** 64 lower-case hex digits. */
  readonly sha256: string
  readonly tenant?: string
  readonly scopes: readonly Scope[]
  readonly models?: readonly string[]
  /** `2027-01-31`: the last day, in UTC, on which it works. */
  readonly expires?: string
  readonly may_leave?: TrustZone
  readonly trust_user_headers: boolean
  readonly memory?: RecallMode
  readonly max_concurrent?: number
  readonly requests_per_minute?: number
  /** Never in a file: only llmr itself makes such a key, for the operator's commands. */
  readonly sees_every_tenant?: boolean
}

export interface ApiKey {
  readonly principal: Principal
  /** Milliseconds since the epoch from which it no longer works; `Infinity` without an expiry. */
  readonly expiresAtMs: number
  /** The last day on which it worked, as the operator wrote it. */
  readonly expires?: string
}

/**
 * A lookup from the credential a client sent to the key it is.
 *
 * The map is asked by SHA-256, so its timing can tell at most how a digest compares to stored digests, and nobody can
 * choose an input for the digest it will have: that would be a preimage. The comparison that decides is constant-time.
 */
export function createApiKeys(settings: readonly ApiKeySettings[]): (credential: string) => ApiKey | undefined {
  const keys = new Map(settings.map((key) => [key.sha256, { digest: Buffer.from(key.sha256, 'hex'), key: toKey(key) }]))
  if (keys.size === 0) return () => undefined
  // Keys that were found to be right are remembered as they came: hashing is the dearest step of a small request. A
  // guess is never in here, and how long a look-up of one takes tells nothing of what is: it goes by a seeded hash.
  const proven = new Map<string, ApiKey>()
  return (credential) => {
    const known = proven.get(credential)
    if (known !== undefined) return known
    const digest = digestOf(credential)
    const found = keys.get(digest.toString('hex'))
    if (found === undefined || !timingSafeEqual(digest, found.digest)) return undefined
    proven.set(credential, found.key) // bounded by the number of keys: each has one credential
    return found.key
  }
}

/**
 * Of the bytes on the wire, which Node hands over as latin1: so the digest is what `sha256sum` says of a key that is
 * not ASCII.
 */
function digestOf(credential: string): Buffer {
  return hash('sha256', Buffer.from(credential, 'latin1'), 'buffer')
}

function toKey(settings: ApiKeySettings): ApiKey {
  const { models, expires } = settings
  return {
    principal: {
      id: settings.name,
      tenant: settings.tenant,
      scopes: new Set(settings.scopes),
      mayUseModel: modelMatcher(models),
      mayLeave: settings.may_leave,
      seesEveryTenant: settings.sees_every_tenant,
      trustsUserHeaders: settings.trust_user_headers,
      recall: settings.memory,
      maxConcurrent: settings.max_concurrent,
      requestsPerMinute: settings.requests_per_minute,
    },
    expiresAtMs: expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${expires}T00:00:00Z`) + dayMs,
    expires,
  }
}

const dayMs = 86_400_000
