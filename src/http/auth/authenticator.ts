import type { IncomingHttpHeaders } from 'node:http'

import type { Clock } from '../../core/clock.ts'
import type { Principal } from '../../core/principal.ts'
import { anonymous } from './anonymous.ts'
import { createApiKeys, type ApiKey, type ApiKeySettings } from './api-keys.ts'
import { credentialForms, credentialsOf } from './credentials.ts'
import { isToken, type JwtVerifier } from './jwt.ts'
import { unauthenticated } from './unauthenticated.ts'

export interface AuthenticatorOptions {
  /** From llmr.yaml and from the data folder together. Of two with one digest the later counts. */
  readonly keys: readonly ApiKeySettings[]
  /** Owned by the caller, who closes it: it holds keys fetched over the network, which outlive a reload of the rest. */
  readonly jwt?: Pick<JwtVerifier, 'verify'>
  /** Without it everybody who reaches the gateway may use it; only loopback may be bound then (`checkBind`). */
  readonly required: boolean
  readonly clock: Pick<Clock, 'now'>
}

export interface Authenticator {
  /**
   * Who is asking. A promise only for a token that was not seen lately.
   *
   * @throws LlmrError `unauthenticated` (thrown or rejected): status 401, or 503 while the keys that check tokens cannot
   *   be had
   */
  authenticate(headers: IncomingHttpHeaders): Principal | Promise<Principal>
}

/**
 * In this order:
 *
 * 1. An API key that is known and valid.
 * 2. A JSON web token, when they are accepted.
 * 3. A key that has expired is refused, even where nobody is asked for one: the operator meant it to end.
 * 4. Where auth is not required anything else is `anonymous`: many tools cannot send no key, so they send `sk-…`,
 *    `undefined` or `ollama`.
 */
export function createAuthenticator({ keys, jwt, required, clock }: AuthenticatorOptions): Authenticator {
  const findKey = createApiKeys(keys)

  return {
    authenticate(headers) {
      const credentials = credentialsOf(headers)
      let expired: ApiKey | undefined
      for (const credential of credentials) {
        const key = findKey(credential)
        if (key === undefined) continue
        if (clock.now() < key.expiresAtMs) return key.principal // 1
        expired = key
      }
      const token = jwt === undefined ? undefined : credentials.find(isToken)
      if (jwt !== undefined && token !== undefined) return jwt.verify(token) // 2
      if (expired !== undefined) throw keyExpired(expired) // 3
      if (!required) return anonymous // 4
      throw credentials.length === 0 ? noCredential() : unknownCredential()
    },
  }
}

function keyExpired({ principal, expires }: ApiKey): Error {
  return unauthenticated(
    `The key "${principal.id}" expired at the end of ${expires} (UTC). Make a new one with \`llmr keys create NAME\`.`,
    { isTokenAtFault: true },
  )
}

function noCredential(): Error {
  return unauthenticated(
    `This gateway asks for a key and the request has none. Send it as ${credentialForms}. ` +
      'The operator makes one with `llmr keys create NAME`.',
  )
}

function unknownCredential(): Error {
  return unauthenticated(
    `The key sent with this request is not known. Expected one that the operator made with \`llmr keys create NAME\`, as ${credentialForms}.`,
    { isTokenAtFault: true },
  )
}
