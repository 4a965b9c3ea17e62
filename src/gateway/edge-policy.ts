import { hash } from 'node:crypto'

import type { Config, KeyConfig } from '../config/schema.ts'
import type { Clock } from '../core/clock.ts'
import { LlmrError } from '../core/error.ts'
import type { Logger } from '../core/logger.ts'
import { createAuthenticator } from '../http/auth/authenticator.ts'
import { checkBind, isAuthRequired } from '../http/auth/bind-policy.ts'
import { createBrowserGuard } from '../http/auth/browser-guard.ts'
import { createJwtVerifier } from '../http/auth/jwt.ts'
import { createTrustedProxies } from '../http/auth/trusted-proxies.ts'
import type { EdgePolicy } from '../http/edge.ts'

/**
 * Who may ask, as configured.
 *
 * @throws LlmrError when the address must not be bound without auth
 */
export function createEdgePolicy(parts: {
  config: Config
  storedKeys: readonly KeyConfig[]
  /** Of this run's operator commands. */
  adminKey: string
  clock: Clock
  logger: Logger
}): EdgePolicy & { close(): Promise<void> } {
  const { config, storedKeys, adminKey, clock, logger } = parts
  const { listen, auth } = config
  const keys = [...auth.keys, ...storedKeys]
  const hasCredentials = keys.length > 0 || auth.jwt !== undefined
  const required = isAuthRequired({ required: auth.required, hasCredentials })
  const verdict = checkBind({
    host: listen.host,
    isAuthRequired: required,
    hasCredentials,
    hasTls: listen.tls !== undefined,
  })
  if (verdict.refusal !== undefined) throw new LlmrError('invalid_request', verdict.refusal)
  for (const warning of verdict.warnings) logger.warn({}, warning)

  const jwt = auth.jwt === undefined ? undefined : createJwtVerifier({ settings: auth.jwt, clock, logger })
  return {
    authenticator: createAuthenticator({ keys: [...keys, ownKey(adminKey)], jwt, required, clock }),
    guard: createBrowserGuard({
      isAuthRequired: required,
      hosts: listen.hosts,
      corsOrigins: listen.cors_origins,
      listenHost: listen.host,
    }),
    clientOf: createTrustedProxies(listen.trusted_proxies),
    close: async () => {
      await jwt?.close()
    },
  }
}

function ownKey(secret: string): KeyConfig {
  return {
    name: 'llmr-commands',
    sha256: hash('sha256', secret, 'hex'),
    scopes: ['admin', 'metrics', 'chat'],
    trust_user_headers: false,
  }
}
