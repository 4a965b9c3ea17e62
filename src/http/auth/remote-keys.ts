import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose'

import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'

export interface RemoteKeys {
  /** Waits for the key server only when there are no keys yet, or when the token names one that is not among them. */
  readonly keyFor: JWTVerifyGetKey
  /** Ends a fetch in flight and waits for it. May be called twice. */
  readonly close: () => Promise<void>
}

export interface RemoteKeysOptions {
  readonly url: string
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: Logger
  /** For one fetch, its body included. */
  readonly timeoutMs?: number
}

/** After this the keys are fetched again, beside the requests: the old ones serve until the new ones are there. */
const freshMs = 10 * 60_000
/** Keys older than this are not believed: whoever holds a withdrawn key and can block the key server has a day. */
const usableMs = 24 * 60 * 60_000
/** Anybody can send tokens with made-up key names; this bounds how often that makes llmr ask. */
const cooldownMs = 30_000
/** The same after a failure, shorter so that a key server that comes back is found soon. */
const failedCooldownMs = 5_000
const keySetMaxBytes = 512 * 1024

/** The public keys that a key server publishes (JWKS), with llmr working on while that server is down or hangs. */
export function createRemoteKeys({ url, clock, logger, timeoutMs = 5_000 }: RemoteKeysOptions): RemoteKeys {
  const closing = new AbortController()
  let keys: { readonly find: LocalJWKSet; readonly fetchedAtMs: number } | undefined
  let nextAttemptAtMs = Number.NEGATIVE_INFINITY
  let hasLastAttemptFailed = false
  let fetching: Promise<void> | undefined

  const keyFor: JWTVerifyGetKey = async (header, token) => {
    const find = await usableKeys()
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (mayAsk()) await refresh()
      if (hasLastAttemptFailed) throw unavailable(nextAttemptAtMs - clock.monotonic())
      return (await usableKeys())(header, token)
    }
  }

  const usableKeys = async (): Promise<LocalJWKSet> => {
    if (ageMs() >= freshMs && mayAsk()) {
      const refreshed = refresh()
      if (ageMs() >= usableMs) await refreshed
    }
    if (keys === undefined || ageMs() >= usableMs) throw unavailable(nextAttemptAtMs - clock.monotonic())
    return keys.find
  }

  const ageMs = (): number => (keys === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() - keys.fetchedAtMs)

  /** Stays true while a fetch is in flight, so that those who come meanwhile wait for it too. */
  const mayAsk = (): boolean => clock.monotonic() >= nextAttemptAtMs && !closing.signal.aborted

  /** One fetch for everybody who waits. Never rejects. */
  const refresh = (): Promise<void> => (fetching ??= fetchOnce().finally(() => (fetching = undefined)))

  const fetchOnce = async (): Promise<void> => {
    try {
      const set = await fetchKeySet(url, AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]))
      keys = { find: createLocalJWKSet(set), fetchedAtMs: clock.monotonic() }
      nextAttemptAtMs = clock.monotonic() + cooldownMs
      hasLastAttemptFailed = false
    } catch (error) {
      nextAttemptAtMs = clock.monotonic() + failedCooldownMs
      hasLastAttemptFailed = true
      if (!closing.signal.aborted) logger.warn({ err: error, has_keys: keys !== undefined }, 'the key server failed')
    }
  }

  return {
    keyFor,
    close: async () => {
      closing.abort()
      await fetching
    },
  }
}

/** A key server must answer by itself: a redirect could lead anywhere. */
async function fetchKeySet(url: string, signal: AbortSignal): Promise<JSONWebKeySet> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`Expected status 200 from the key server, got ${response.status}.`)
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > keySetMaxBytes) throw new Error(`Expected a key set below ${keySetMaxBytes} bytes.`)
    chunks.push(chunk)
  }
  // createLocalJWKSet checks the shape.
  return JSON.parse(Buffer.concat(chunks).toString()) as JSONWebKeySet
}

/** 503 and not 401: the token may be a good one, and a client told otherwise would throw it away. */
function unavailable(retryAfterMs: number): LlmrError {
  return new LlmrError(
    'unauthenticated',
    'The key server that checks tokens (auth.jwt.jwks_url) does not answer, so nobody can be let in by a token now. Ask again shortly.',
    { status: 503, retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1000)), isRetryable: true },
  )
}
