import { hash } from 'node:crypto'

import type { AuthConfig, Config, KeyConfig } from '../../config/schema.ts'
import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { ApiKeySettings } from '../../http/auth/api-keys.ts'
import { createAuthenticator } from '../../http/auth/authenticator.ts'
import { checkBind, isAuthRequired } from '../../http/auth/bind-policy.ts'
import { createBrowserGuard } from '../../http/auth/browser-guard.ts'
import { createJwtVerifier, type JwtVerifier } from '../../http/auth/jwt.ts'
import { createTrustedProxies } from '../../http/auth/trusted-proxies.ts'
import type { EdgePolicy } from '../../http/edge.ts'

interface TokenCheck {
  readonly settings: NonNullable<AuthConfig['jwt']>
  readonly verifier: JwtVerifier
}

export interface ConfiguredPolicy extends EdgePolicy {
  readonly isAuthRequired: boolean
  readonly tokens: TokenCheck | undefined
  /** Lets go of what `next`, the policy in its place, does not use. */
  close(next?: ConfiguredPolicy): Promise<void>
}

/**
 * Who may ask, as configured.
 *
 * @throws LlmrError when the address must not be bound without auth. Never at a reload: auth then stays on, and a
 *   gateway that lost its last key shuts out everybody
 */
export function createEdgePolicy(parts: {
  config: Config
  storedKeys: readonly KeyConfig[]
  /** At a reload: the address that is listened on, which the new configuration cannot change. */
  boundHost?: string
  /** Of this run's operator commands. */
  adminKey: string
  clock: Clock
  logger: Logger
  /** At a reload: the policy before, whose token keys are taken over if their settings are the same. */
  before?: ConfiguredPolicy
}): ConfiguredPolicy {
  const { config, storedKeys, boundHost, adminKey, clock, logger, before } = parts
  const { listen, auth } = config
  const keys = [...auth.keys, ...storedKeys]
  const hasCredentials = keys.length > 0 || auth.jwt !== undefined
  const required = isAuthRequired({ required: auth.required, hasCredentials, boundHost })
  const host = boundHost ?? listen.host
  const verdict = checkBind({ host, isAuthRequired: required, hasCredentials, hasTls: listen.tls !== undefined })
  if (verdict.refusal !== undefined) throw new LlmrError('invalid_request', verdict.refusal)
  for (const warning of verdict.warnings) logger.warn({}, warning)

  const tokens = tokenCheck(auth.jwt, { before: before?.tokens, clock, logger })
  return {
    isAuthRequired: required,
    tokens,
    authenticator: createAuthenticator({ keys: [...keys, ownKey(adminKey)], jwt: tokens?.verifier, required, clock }),
    guard: createBrowserGuard({
      isAuthRequired: required,
      hosts: listen.hosts,
      corsOrigins: listen.cors_origins,
      listenHost: host,
    }),
    clientOf: createTrustedProxies(listen.trusted_proxies),
    close: async (next) => {
      if (tokens !== next?.tokens) await tokens?.verifier.close()
    },
  }
}

/** Keys of a token issuer are fetched over the network: a reload that leaves its settings alone must not lose them. */
function tokenCheck(
  settings: AuthConfig['jwt'],
  parts: { before: TokenCheck | undefined; clock: Clock; logger: Logger },
): TokenCheck | undefined {
  const { before, clock, logger } = parts
  if (settings === undefined) return undefined
  if (before !== undefined && JSON.stringify(before.settings) === JSON.stringify(settings)) return before
  return { settings, verifier: createJwtVerifier({ settings, clock, logger }) }
}

function ownKey(secret: string): ApiKeySettings {
  return {
    name: 'llmr-commands',
    sha256: hash('sha256', secret, 'hex'),
    scopes: ['admin', 'metrics', 'chat'],
    trust_user_headers: false,
    sees_every_tenant: true,
  }
}
