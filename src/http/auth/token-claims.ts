import { type Principal, type Scope, scopes as knownScopes } from '../../core/principal.ts'
import { isTenantName } from '../../core/tenant.ts'
import { modelMatcher } from './model-matcher.ts'
import { unauthenticated } from './unauthenticated.ts'

/** The claims that llmr reads, once the signature is known to be good. */
export interface TokenClaims {
  readonly [claim: string]: unknown
  readonly sub?: unknown
  /** Words with spaces between them (RFC 8693). */
  readonly scope?: unknown
  /** The same as a list. */
  readonly scopes?: unknown
  /** Globs of the models it may use. */
  readonly models?: unknown
}

export interface ClaimSettings {
  /** For a token without a scope claim. One whose scope claim names nothing of llmr's has no scope. */
  readonly defaultScopes: readonly Scope[]
  readonly tenantClaim?: string
}

/**
 * What a verified token may do. A claim of the wrong shape refuses the token: read as absent, it would widen what the
 * issuer meant to narrow.
 *
 * @throws LlmrError `unauthenticated`
 */
export function principalOfClaims(claims: TokenClaims, { defaultScopes, tenantClaim }: ClaimSettings): Principal {
  return {
    id: `jwt:${escapeSubject(claims.sub)}`,
    ...(tenantClaim !== undefined && { tenant: tenantIn(claims, tenantClaim) }),
    scopes: scopesOf(claims, defaultScopes),
    mayUseModel: modelMatcher(modelsOf(claims)),
  }
}

const subjectLengthMax = 200

/**
 * The id goes into logs, tables and headers of other hops, so it is printable ASCII without spaces; and no two subjects
 * may become one id, so the percent sign itself is escaped and text that UTF-8 cannot hold is refused.
 */
function escapeSubject(subject: unknown): string {
  const isUsable = typeof subject === 'string' && subject.isWellFormed()
  const id = isUsable ? subject.replaceAll(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent) : ''
  if (id === '' || id.length > subjectLengthMax) throw malformed('sub', `text of 1 to ${subjectLengthMax} characters`)
  return id
}

/** The same words as in `auth.keys[].tenant`, so that keys and tokens can be of one tenant. */
function tenantIn(claims: TokenClaims, claim: string): string {
  const tenant = claims[claim]
  if (typeof tenant === 'string' && isTenantName(tenant)) return tenant
  throw malformed(claim, 'a name of at most 64 letters, digits, dots, dashes or underscores')
}

function scopesOf({ scope, scopes }: TokenClaims, defaultScopes: readonly Scope[]): ReadonlySet<Scope> {
  if (scope === undefined && scopes === undefined) return new Set(defaultScopes)
  if (scope !== undefined && typeof scope !== 'string') throw malformed('scope', 'words with spaces between them')
  if (scopes !== undefined && !isTextList(scopes)) throw malformed('scopes', 'a list of words')
  const claimed = new Set([...(scope?.split(' ') ?? []), ...(scopes ?? [])])
  return new Set(knownScopes.filter((known) => claimed.has(known)))
}

const modelsMax = 100
const modelPatternLengthMax = 256

function modelsOf({ models }: TokenClaims): readonly string[] | undefined {
  if (models === undefined) return undefined
  const isUsable =
    isTextList(models) &&
    models.length <= modelsMax &&
    models.every((pattern) => pattern.length <= modelPatternLengthMax)
  if (!isUsable) throw malformed('models', `a list of at most ${modelsMax} model names or globs`)
  return models
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function malformed(claim: string, expected: string): Error {
  return unauthenticated(`The claim "${claim}" of the token is not what llmr reads: expected ${expected}.`, {
    isTokenAtFault: true,
  })
}
