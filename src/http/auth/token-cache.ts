import { hash } from 'node:crypto'

import type { Clock } from '../../core/clock.ts'
import type { Principal } from '../../core/principal.ts'

export interface VerifiedToken {
  readonly principal: Principal
  /** Milliseconds since the epoch at which the token itself is over, skew included. */
  readonly validUntilMs: number
}

export interface TokenCache {
  find(token: string): Principal | undefined
  keep(token: string, verified: VerifiedToken): void
  readonly size: number
}

/**
 * Remembers who a token is, because clients send the same one with every request and a signature costs a hundred times a
 * lookup. Keyed by digest, so that neither the heap nor the timing of a comparison holds a usable token.
 *
 * Bounded by 1,000 tokens, the oldest leaving first, and by five minutes: a key that its issuer has withdrawn must not
 * live on here until the token ends.
 */
export function createTokenCache(clock: Pick<Clock, 'now'>): TokenCache {
  const tokens = new Map<string, VerifiedToken>()
  return {
    find(token) {
      const digest = digestOf(token)
      const verified = tokens.get(digest)
      if (verified === undefined) return undefined
      if (clock.now() < verified.validUntilMs) return verified.principal
      tokens.delete(digest)
      return undefined
    },
    keep(token, { principal, validUntilMs }) {
      const digest = digestOf(token)
      tokens.delete(digest)
      if (tokens.size >= tokensMax) for (const oldest of tokens.keys().take(1)) tokens.delete(oldest)
      tokens.set(digest, { principal, validUntilMs: Math.min(validUntilMs, clock.now() + rememberedMs) })
    },
    get size() {
      return tokens.size
    },
  }
}

const tokensMax = 1_000
const rememberedMs = 5 * 60_000

function digestOf(token: string): string {
  return hash('sha256', token, 'base64')
}
