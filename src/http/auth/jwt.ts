import { createSecretKey } from 'node:crypto'

import { errors, jwtVerify, type JWTVerifyGetKey } from 'jose'

import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { Principal, Scope } from '../../core/principal.ts'
import { createRemoteKeys } from './remote-keys.ts'
import { principalOfClaims } from './token-claims.ts'
import { createTokenCache } from './token-cache.ts'
import { unauthenticated } from './unauthenticated.ts'

/** In the configuration's own words. Exactly one of `secret` and `jwks_url`. */
export interface JwtSettings {
  /** HS256 secret, at least 32 characters. */
  readonly secret?: string
  readonly jwks_url?: string
  readonly issuer?: string
  readonly audience?: string
  /** The claim that names the tenant; without it all tokens are of one. */
  readonly tenant_claim?: string
  /** Milliseconds of tolerance for `exp` and `nbf`. */
  readonly clock_skew: number
  /** What a token without a scope claim may do. */
  readonly scopes: readonly Scope[]
}

export interface JwtVerifier {
  /**
   * Who the token speaks for. Synchronous for a token verified within the last five minutes.
   *
   * @throws LlmrError `unauthenticated` (rejected): 401, or 503 with a time to come back when the key server has never
   *   answered
   */
  verify(token: string): Principal | Promise<Principal>
  /** Ends a fetch in flight and waits for it. Tokens that need no fetch are verified on. */
  close(): Promise<void>
}

export interface JwtVerifierOptions {
  readonly settings: JwtSettings
  readonly clock: Clock
  readonly logger: Logger
  /** How long the key server may take. */
  readonly keysTimeoutMs?: number
}

/** Enough to tell a token from an API key; whether it is a good one is found out by `verify`. */
export function isToken(credential: string): boolean {
  return credential.length <= tokenLengthMax && tokenPattern.test(credential)
}

/**
 * Which algorithms count follows from which kind of key is configured, never from the token: one that claims `none`, or
 * HS256 with the public key as its secret, is refused before any key is looked at.
 *
 * @throws LlmrError `invalid_request` when the settings name no key, or two
 */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { settings, clock } = options
  const { algorithms, keyFor, close } = keySource(options)
  const skewSeconds = settings.clock_skew / 1000
  const cache = createTokenCache(clock)

  const verifyAfresh = async (token: string): Promise<Principal> => {
    const { payload } = await jwtVerify(token, keyFor, {
      algorithms: [...algorithms],
      issuer: settings.issuer,
      audience: settings.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
    }).catch((error: unknown) => {
      throw refusal(error)
    })
    const principal = principalOfClaims(payload, { defaultScopes: settings.scopes, tenantClaim: settings.tenant_claim })
    cache.keep(token, { principal, validUntilMs: ((payload.exp ?? 0) + skewSeconds) * 1000 })
    return principal
  }

  return {
    verify: (token) => cache.find(token) ?? verifyAfresh(token),
    close,
  }
}

const tokenLengthMax = 16 * 1024
// `{"` in base64url is how every header begins. The signature may be empty, so that an unsigned token is refused as one.
const tokenPattern = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/

interface KeySource {
  readonly algorithms: readonly string[]
  readonly keyFor: JWTVerifyGetKey
  readonly close: () => Promise<void>
}

const asymmetricAlgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

function keySource({ settings, clock, logger, keysTimeoutMs }: JwtVerifierOptions): KeySource {
  const { secret, jwks_url: url } = settings
  if (secret !== undefined && url === undefined) {
    const key = createSecretKey(Buffer.from(secret))
    return { algorithms: ['HS256'], keyFor: () => key, close: () => Promise.resolve() }
  }
  if (url !== undefined && secret === undefined) {
    return { algorithms: asymmetricAlgorithms, ...createRemoteKeys({ url, clock, logger, timeoutMs: keysTimeoutMs }) }
  }
  throw new LlmrError('invalid_request', 'auth.jwt: expected exactly one of secret and jwks_url.')
}

const refusals: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The token has expired. Get a new one.',
  ERR_JOSE_ALG_NOT_ALLOWED: 'The token is signed by an algorithm that auth.jwt does not accept.',
  ERR_JWKS_NO_MATCHING_KEY: 'The token is signed with a key that the key server does not list.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The token does not say (in "kid") which key of the key server signed it.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of the token is wrong.',
}

/** In words that name the claim and never its value. Causes hold the claims, so they are not kept. */
function refusal(error: unknown): LlmrError {
  if (error instanceof LlmrError) return error
  if (error instanceof errors.JWTClaimValidationFailed) {
    const what = error.reason === 'missing' ? 'is missing' : 'is not what auth.jwt asks for'
    return unauthenticated(`The claim "${error.claim}" of the token ${what}.`, { isTokenAtFault: true })
  }
  if (error instanceof errors.JOSEError) {
    return unauthenticated(refusals[error.code] ?? 'The token is malformed.', { isTokenAtFault: true })
  }
  // Not about the token's form: a key of the key server that cannot be used, such as RSA below 2048 bits.
  return unauthenticated('The token cannot be checked with the key that it names.', {
    isTokenAtFault: true,
    cause: error,
  })
}
