import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Duplex, Writable } from 'node:stream'

import type { BackendSettings } from '../../core/backend.ts'
import { type ConnectionLimits, ownHeaders, tlsOptions } from '../connection.ts'
import { type BackendFailure, failureFromError } from '../failure.ts'

export interface RawRequest {
  readonly method: string
  /** With its query, percent signs as they came. */
  readonly path: string
  /** Names in lower case; no credential. The backend's own key and headers are added, and win. */
  readonly headers: Readonly<Record<string, string>>
  /** Asks for another protocol on the same connection. */
  readonly upgrade?: string
}

export type RawAnswer =
  | { readonly kind: 'reply'; readonly status: number; readonly headers: RawHeaders; readonly body: IncomingMessage }
  | {
      readonly kind: 'upgraded'
      readonly status: number
      readonly headers: RawHeaders
      readonly socket: Duplex
      /** What the other side said already in its new protocol. */
      readonly head: Buffer
    }

/** In their order and spelling, some more than once. */
export type RawHeaders = readonly (readonly [name: string, value: string])[]

export interface RawExchange {
  /** To be ended, also when there is no body. */
  readonly body: Writable
  /** @throws BackendFailure */
  readonly answer: Promise<RawAnswer>
  /** Cuts the connection, and with it the work. May be called again, and when all is over. */
  destroy(): void
}

/**
 * One request on a connection of its own, bytes as they are in both directions: for paths of an engine that llmr does not
 * know. Never repeated, as a body that streams is gone once it was sent. Each phase up to the answer is bounded by the
 * limits; what comes after is the caller's to watch.
 */
export function openRaw(settings: BackendSettings, limits: ConnectionLimits, raw: RawRequest): RawExchange {
  const base = new URL(settings.url)
  const url = settings.url + raw.path
  const options = {
    method: raw.method,
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port,
    path: base.pathname.replace(/\/+$/, '') + raw.path,
    agent: false,
    headers: { ...raw.headers, ...ownHeaders(settings), host: base.host, ...connectionHeaders(raw) },
    ...tlsOptions(settings),
  } as const
  const request = base.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
  request.setNoDelay(true)
  request.flushHeaders() // an engine may answer before the body has come
  return { body: request, answer: answerOf(request, { limits, url }), destroy: () => void request.destroy() }
}

function connectionHeaders({ upgrade }: RawRequest): Record<string, string> {
  return upgrade === undefined ? { connection: 'close' } : { connection: 'Upgrade', upgrade }
}

function answerOf(
  request: ClientRequest,
  { limits, url }: { limits: ConnectionLimits; url: string },
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
  const giveUp = (code: string, message: string): void =>
    void request.destroy(Object.assign(new Error(message), { code }))
  let timer = setTimeout(() => giveUp('UND_ERR_CONNECT_TIMEOUT', 'no connection in time'), limits.connectTimeoutMs)
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      clearTimeout(timer)
      timer = setTimeout(() => giveUp('UND_ERR_HEADERS_TIMEOUT', 'no answer in time'), limits.firstByteTimeoutMs)
      // Counted from the last byte of the request: an upload may take as long as it takes.
      request.on('drain', () => timer.refresh())
    })
  })
  request.once('response', (reply) => {
    clearTimeout(timer)
    resolve({ kind: 'reply', status: reply.statusCode ?? 502, headers: pairs(reply.rawHeaders), body: reply })
  })
  request.once('upgrade', (reply, socket, head) => {
    clearTimeout(timer)
    resolve({ kind: 'upgraded', status: reply.statusCode ?? 101, headers: pairs(reply.rawHeaders), socket, head })
  })
  request.on('error', (error) => reject(failureOf(error, url)))
  request.once('close', () => {
    clearTimeout(timer)
    reject(failureOf(Object.assign(new Error('the connection was closed'), { code: 'UND_ERR_SOCKET' }), url))
  })
  return promise
}

function failureOf(error: Error, url: string): BackendFailure {
  return failureFromError(error, { url, hasReplyBegun: false })
}

function pairs(flat: readonly string[]): RawHeaders {
  const found: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2) found.push([flat[index] ?? '', flat[index + 1] ?? ''])
  return found
}
