import type { IncomingMessage } from 'node:http'

import { readKeys } from '../config/keys-file.ts'
import type { KeyConfig } from '../config/schema.ts'
import { systemClock } from '../core/clock.ts'
import { createAuthenticator } from '../http/auth/authenticator.ts'
import { requireScope } from '../http/auth/authorize.ts'
import { isLoopbackHost } from '../http/auth/loopback.ts'

/** Rejects with LlmrError `unauthenticated` or `forbidden` when whoever asks may not see figures and reasons. */
export type PageAccess = (request: IncomingMessage) => Promise<void>

/**
 * As at the gateway: a program on this machine may read them, any other needs a key with the scope `metrics`. Keys of the
 * data folder are read each time, so that one that was revoked is worth nothing at once.
 */
export function pageAccess({
  keys,
  keysFile,
}: {
  readonly keys: readonly KeyConfig[]
  readonly keysFile: string
}): PageAccess {
  return async (request) => {
    if (isLocal(request)) return
    const stored = await readKeys(keysFile)
    const authenticator = createAuthenticator({ keys: [...keys, ...stored], required: true, clock: systemClock })
    requireScope(await authenticator.authenticate(request.headers), 'metrics')
  }
}

/** And not a proxy on this machine, which speaks for others. */
function isLocal({ headers, socket }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false
  return isLoopbackHost(socket.remoteAddress ?? '')
}
