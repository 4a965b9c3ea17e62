import { BlockList, isIP } from 'node:net'

import type { Finding } from './finding.ts'
import type { AuthConfig } from './schema.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/**
 * Only loopback may be bound without auth. Separate from the other checks, since the command line can change the host
 * and `llmr keys create` the keys after the file was read.
 *
 * @param hasStoredKeys whether the data folder holds a key.
 */
export function checkExposure({
  host,
  auth,
  hasStoredKeys,
}: {
  readonly host: string
  readonly auth: AuthConfig
  readonly hasStoredKeys: boolean
}): Finding | undefined {
  if (isLoopback(host)) return undefined
  const path = ['listen', 'host']
  if (auth.required === false) {
    const message = `${shown(host)} can be reached from other machines and auth.required is false; take auth.required away, or listen on 127.0.0.1`
    return { path, code: 'no_auth', message }
  }
  if (auth.required === true || auth.keys.length > 0 || auth.jwt !== undefined || hasStoredKeys) return undefined
  const message = `${shown(host)} can be reached from other machines and there is no key; make one with \`llmr keys create NAME\`, or listen on 127.0.0.1`
  return { path, code: 'no_auth', message }
}

/** Names other than `localhost` may resolve to anything, so they count as reachable. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const version = isIP(host)
  return version !== 0 && loopback.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

function shown(host: string): string {
  return host === '' ? 'an empty host' : host
}
