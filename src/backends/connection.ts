import type { UpstreamHandler } from './upstream-handler.ts'
import { readFileSync } from 'node:fs'

import { Pool } from 'undici'

import type { BackendSettings } from '../core/backend.ts'
import { LlmrError } from '../core/error.ts'
import { ResendWhenStale } from './resend-when-stale.ts'
import { SocketHistory } from './socket-history.ts'

/** How long each phase of a request may take before the backend counts as failed. */
export interface ConnectionLimits {
  readonly connectTimeoutMs: number
  /** From the last byte of the request to the first of the reply. */
  readonly firstByteTimeoutMs: number
  /** Longest silence inside a reply; not counted while the reader has paused. */
  readonly idleTimeoutMs: number
}

export interface UpstreamRequest {
  readonly method: string
  /** Begins with a slash; the base address' own path is put before it. */
  readonly path: string
  /**
   * Names (in lower case) and values in turn. Only what is meant for the engine: hop-by-hop headers and
   * `content-length` must not be among them. The backend's key and configured headers are added, and win;
   * `authorization` is dropped in any case.
   */
  readonly headers: readonly string[]
  readonly body: Buffer | string | null
}

export interface Connection {
  readonly settings: BackendSettings
  /** Never throws; every failure arrives at the handler. */
  send(request: UpstreamRequest, handler: UpstreamHandler): void
  /** Refuses new requests and waits for those in hand, which the limits bound. May be called again. */
  close(): Promise<void>
  /** Cuts the requests in hand. May be called again, also while closing. */
  destroy(): Promise<void>
}

/**
 * Keep-alive connections to one backend: one request at a time on each and as many as there are requests, so that a
 * reply that is cut takes no other with it. HTTP/2 is off for the same reason.
 *
 * @throws LlmrError when the file named by `tls.ca` cannot be read.
 */
export function openConnection(settings: BackendSettings, limits: ConnectionLimits): Connection {
  const base = new URL(settings.url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const own = Object.entries(ownHeaders(settings)).flat()
  // A client's credential must never reach a backend, whatever was handed in.
  const ownNames = new Set(['authorization', ...own.filter((_, index) => index % 2 === 0)])
  const history = new SocketHistory()
  const pool = new Pool(base.origin, {
    pipelining: 1,
    connect: history.connector({ timeout: limits.connectTimeoutMs, allowH2: false, ...tlsOptions(settings) }),
    headersTimeout: limits.firstByteTimeoutMs,
    bodyTimeout: limits.idleTimeoutMs,
  })
  let closing: Promise<void> | undefined
  let destroying: Promise<void> | undefined

  return {
    settings,
    send: ({ method, path, headers, body }, handler) => {
      const options = { method, path: prefix + path, headers: withOwnHeaders({ headers, own, ownNames }), body }
      const resend = (to: UpstreamHandler): void => void pool.dispatch(options, to)
      pool.dispatch(options, new ResendWhenStale({ handler, resend, history }))
    },
    close: () => (closing ??= destroying ?? pool.close()),
    destroy: () => (destroying ??= pool.destroy()),
  }
}

/** What is sent with every request, by names in lower case. */
export function ownHeaders({ apiKey, headers }: BackendSettings): Readonly<Record<string, string>> {
  const all = new Map<string, string>()
  if (apiKey !== undefined) all.set('authorization', `Bearer ${apiKey}`)
  for (const [name, value] of Object.entries(headers)) all.set(name.toLowerCase(), value)
  return Object.fromEntries(all)
}

interface Headers {
  readonly headers: readonly string[]
  readonly own: readonly string[]
  readonly ownNames: ReadonlySet<string>
}

function withOwnHeaders({ headers, own, ownNames }: Headers): string[] {
  const merged = own.slice()
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (!ownNames.has(name)) merged.push(name, headers[index + 1] ?? '')
  }
  return merged
}

export function tlsOptions({ tls }: BackendSettings): { ca?: string; rejectUnauthorized?: boolean } {
  if (tls === undefined) return {}
  return {
    ...(tls.ca === undefined ? {} : { ca: readAuthority(tls.ca) }),
    ...(tls.insecure ? { rejectUnauthorized: false } : {}),
  }
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new LlmrError(
      'invalid_request',
      `tls.ca names ${file}, which cannot be read: give the path of a PEM file with the authority's certificate.`,
      { cause },
    )
  }
}
