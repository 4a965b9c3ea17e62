import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { Clock } from '../core/clock.ts'
import { LlmrError, toLlmrError } from '../core/error.ts'
import { isCorrelationId, uuidv7 } from '../core/identifier.ts'
import type { Logger } from '../core/logger.ts'
import { MemberList } from '../core/member-list.ts'
import type { RequestRecord } from '../core/request-record.ts'
import { openaiDialect } from '../dialects/openai/openai-dialect.ts'
import { Exchange } from './exchange.ts'
import { pathOf } from './path-of.ts'
import { refuseTunnel, refuseUnparsable } from './refuse-connection.ts'
import { acceptTunnels, isTunnel, type TunnelSocket } from './tunnel.ts'
import { watchUnusedConnections } from './unused-connections.ts'

/** What one client may take of the server. */
export interface ServerLimits {
  readonly maxBodyBytes: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
  readonly slowClientTimeoutMs: number
}

export interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  readonly limits: ServerLimits
  readonly clock: Clock
  readonly logger: Logger
  /** Answers one request. What it throws becomes a reply in the client's dialect. */
  handle(exchange: Exchange, path: string): undefined | Promise<void>
  /** The request has begun and will be followed by exactly one `onFinished`. */
  onStarted(): void
  /** The reply is out, or the client is gone; the record is complete. Must not throw. */
  onFinished(record: RequestRecord): void
}

export interface Server {
  readonly host: string
  readonly port: number
  /** Those that have not ended. */
  readonly exchanges: Iterable<Exchange>
  /** For requests that begin from now on. */
  setLimits(limits: ServerLimits): void
  /**
   * Stops accepting, lets replies in flight finish for `timeoutMs`, then cuts what is left with an error in the client's
   * dialect. Resolves when every connection is closed. Later calls wait for the first.
   */
  close(timeoutMs: number): Promise<void>
}

/** Header bytes of one request, all together. Node's own 16 KiB is too little for clients with long metadata headers. */
const headersMaxBytes = 64 * 1024
/** How long a kept-alive connection may idle: longer than common proxies' 60 s, or they meet a closed one. */
const keepAliveTimeoutMs = 75_000

/**
 * Binds and listens.
 *
 * @throws the socket's error (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`) when the address cannot be bound
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const open = new MemberList<Exchange>()
  let { limits } = options
  let closing: Promise<void> | undefined
  // A connection that was busy when the server closed would stay, kept alive for a client that may not come back.
  const onServed = (): void => {
    if (closing !== undefined) setImmediate(() => server.closeIdleConnections())
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse, tunnel?: TunnelSocket): void =>
    serve({ request, response, tunnel, open, limits, options, onServed })
  const settings = {
    keepAlive: true,
    noDelay: true,
    maxHeaderSize: headersMaxBytes,
    requireHostHeader: false, // refused below, in words
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: keepAliveTimeoutMs,
    shouldUpgradeCallback: isTunnel,
  }
  const server =
    options.tls === undefined
      ? createHttpServer(settings, onRequest)
      : createHttpsServer({ ...settings, ...options.tls }, onRequest)
  const setLimits = (next: ServerLimits): void => {
    limits = next
    server.headersTimeout = next.headersTimeoutMs
    server.requestTimeout = next.headersTimeoutMs + next.bodyTimeoutMs
  }
  setLimits(limits)
  server.on('clientError', (error, socket) => refuseUnparsable({ error, socket, open, headersMaxBytes }))
  const closeUnused = watchUnusedConnections(server)
  acceptTunnels(server, onRequest)
  server.on('connect', (_request, socket) => refuseTunnel(socket))
  // Continues when the body is asked for, so that whoever is refused need not send it.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => options.logger.error({ err: error }, 'the server socket failed'))

  const close = async (timeoutMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve())
    })
    server.closeIdleConnections()
    const unused = closeUnused()
    const timer = setTimeout(() => cutAll(open, () => server.closeAllConnections()), timeoutMs)
    await Promise.all([closed, unused])
    clearTimeout(timer)
  }
  return {
    host: options.host,
    port: (server.address() as AddressInfo).port,
    exchanges: open,
    setLimits,
    close: (timeoutMs) => (closing ??= close(timeoutMs)),
  }
}

function serve(parts: {
  request: IncomingMessage
  response: ServerResponse
  tunnel: TunnelSocket | undefined
  open: MemberList<Exchange>
  limits: ServerLimits
  options: ServerOptions
  onServed: () => void
}): void {
  const { request, response, tunnel, open, limits, options, onServed } = parts
  const { clock } = options
  const { path, query } = pathOf(request.url)
  const startedAtMs = clock.now()
  const requestId = uuidv7(startedAtMs)
  const exchange = new Exchange({
    request,
    response,
    query,
    tunnel,
    dialect: openaiDialect,
    monotonic: clock.monotonic,
    bodyLimits: { maxBytes: limits.maxBodyBytes },
    slowClientTimeoutMs: limits.slowClientTimeoutMs,
    record: {
      requestId,
      correlationId: correlationIdOf(request) ?? requestId,
      startedAtMs,
      method: request.method ?? 'GET',
      path: path.length > 200 ? path.slice(0, 200) : path,
      route: 'other',
      // Named here although they are not known yet: a record that grows field by field costs more than all it counts.
      operation: undefined,
      principal: undefined,
      clientAddress: undefined,
      requestedModel: undefined,
      model: undefined,
      backend: undefined,
      reason: undefined,
      kind: undefined,
      backgroundTask: undefined,
      errorCode: undefined,
      timeToFirstByteMs: undefined,
      promptTokens: undefined,
      cachedTokens: undefined,
      completionTokens: undefined,
      isStream: false,
      status: 0,
      requestBytes: 0,
      responseBytes: 0,
      durationMs: 0,
      hops: [],
      timeline: [],
      isClientGone: false,
    },
  })
  open.add(exchange)
  options.onStarted()
  response.once('close', () => {
    open.delete(exchange)
    exchange.close()
    options.onFinished(exchange.record)
    onServed()
  })
  response.on('error', ignoreBrokenPipe)
  request.on('error', ignoreBrokenPipe)
  answer(exchange, path, options)
}

/** Recovery: whatever goes wrong below becomes a well-formed reply here, and nowhere else. */
function answer(exchange: Exchange, path: string, options: ServerOptions): void {
  const recover = (thrown: unknown): void => {
    const error = toLlmrError(thrown)
    if (error.code === 'internal_error') {
      options.logger.error(
        { err: thrown, request_id: exchange.record.requestId, correlation_id: exchange.record.correlationId },
        'a request failed by a fault of llmr',
      )
    }
    exchange.fail(error)
  }
  try {
    expectHost(exchange.request)
    options.handle(exchange, path)?.catch(recover)
  } catch (thrown) {
    recover(thrown)
  }
}

/**
 * RFC 9112 wants one and no more. Without it, it is an old scanner, or a client behind a broken proxy; of two Node takes the
 * first, and a proxy before it may have judged the other.
 */
function expectHost({ headers, rawHeaders, httpVersionMinor, httpVersionMajor }: IncomingMessage): void {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1) throw new LlmrError('invalid_request', `Expected one Host header; there are ${hosts}.`)
  if (headers.host !== undefined || httpVersionMajor !== 1 || httpVersionMinor === 0) return
  throw new LlmrError('invalid_request', 'Expected a Host header, which HTTP/1.1 asks of every request; there is none.')
}

function correlationIdOf(request: IncomingMessage): string | undefined {
  const given = request.headers['x-correlation-id'] ?? request.headers['x-request-id']
  return isCorrelationId(given) ? given : undefined
}

/** `close` of the response follows every socket error, and the record says that the client is gone. */
function ignoreBrokenPipe(): void {}

/** The bound of a shutdown is reached. Streams get a last event that says so; the rest is cut. */
function cutAll(open: MemberList<Exchange>, closeConnections: () => void): void {
  const error = new LlmrError('shutting_down', 'llmr is shutting down; ask again in a moment.', {
    retryAfterSeconds: 5,
  })
  for (const exchange of open) exchange.fail(error)
  // One turn of the loop for those last words to reach the sockets.
  setImmediate(closeConnections)
}
