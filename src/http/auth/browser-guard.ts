import type { IncomingHttpHeaders } from 'node:http'

import { LlmrError } from '../../core/error.ts'
import { createCors, type Cors } from './cors.ts'
import { isBasic } from './credentials.ts'

export interface BrowserGuardOptions {
  readonly isAuthRequired: boolean
  /** Host names answered without auth, beside localhost, 127.0.0.1 and [::1]. A port in one is ignored. */
  readonly hosts: readonly string[]
  /** `*` for all. */
  readonly corsOrigins: readonly string[]
  readonly listenHost: string
}

export interface BrowserGuard extends Cors {
  /**
   * To be called before anything else is done for a request.
   *
   * @throws LlmrError `host_not_allowed` or `origin_not_allowed`
   */
  check(method: string, headers: IncomingHttpHeaders): void
}

/**
 * Keeps web pages from using the gateway through the browser of somebody who can reach it.
 *
 * Without auth a page needs nothing but the address. It could rename its own host to 127.0.0.1 (DNS rebinding: then the
 * Host header betrays it), send requests whose reply it cannot read (then Origin or Sec-Fetch-Site betrays it), or come
 * through a proxy that hides the name it asked for (then X-Forwarded-Host does, where the proxy sets it).
 *
 * With auth a page needs a key, and the only one that a browser adds by itself is Basic.
 */
export function createBrowserGuard(options: BrowserGuardOptions): BrowserGuard {
  const cors = createCors(options.corsOrigins)
  const names = new Set(
    ['localhost', '127.0.0.1', '[::1]', hostOf(options.listenHost), ...options.hosts].map((name) => nameOf(name)),
  )

  return {
    ...cors,
    check(method, headers) {
      if (options.isAuthRequired) {
        if (isBasic(headers.authorization)) checkOrigin(method, headers, cors)
        return
      }
      checkHosts(headers, names)
      checkOrigin(method, headers, cors)
    },
  }
}

function checkHosts(headers: IncomingHttpHeaders, names: ReadonlySet<string>): void {
  checkHost(headers.host ?? '', names)
  const forwarded = headers['x-forwarded-host']
  if (typeof forwarded === 'string') for (const host of forwarded.split(',')) checkHost(host.trim(), names)
}

function checkHost(host: string, names: ReadonlySet<string>): void {
  if (names.has(nameOf(host))) return
  throw new LlmrError(
    'host_not_allowed',
    `Without auth llmr answers only the Host ${[...names].join(', ')}; this was "${shorten(host)}". Add the name to ` +
      'listen.hosts, or turn auth on with `llmr keys create NAME`.',
    { isRetryable: false },
  )
}

function checkOrigin(method: string, headers: IncomingHttpHeaders, cors: Cors): void {
  const { origin } = headers
  if (origin === undefined) {
    if (headers['sec-fetch-site'] !== 'cross-site' || cors.allows('*') || isVisit(method, headers)) return
  } else if (cors.allows(origin) || isSameOrigin(origin, headers.host)) {
    return
  }
  throw new LlmrError(
    'origin_not_allowed',
    `A page of ${origin === undefined ? 'another site' : `"${shorten(origin)}"`} may not use this gateway. ` +
      'If it should, add its origin to listen.cors_origins.',
    { isRetryable: false },
  )
}

/** Somebody followed a link. The page that has the link learns nothing of the reply, and no GET changes anything without a key. */
function isVisit(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
}

/** The scheme does not matter: behind a proxy that speaks TLS it differs, and one port serves one scheme only. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  const scheme = /^https?:\/\//.exec(origin)
  return scheme !== null && host !== undefined && origin.slice(scheme[0].length) === host.toLowerCase()
}

/** `Box.lan.:8411` → `box.lan`; `[::1]:8411` → `[::1]`. */
function nameOf(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  const name = (end <= 0 ? host : host.slice(0, end)).toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
}

/** An address as it stands in a Host header. */
function hostOf(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address
}

function shorten(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`
}
