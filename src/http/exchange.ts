import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Writable } from 'node:stream'

import { LlmrError } from '../core/error.ts'
import type { Member } from '../core/member-list.ts'
import type { Principal } from '../core/principal.ts'
import { type RequestRecord, timelineMax } from '../core/request-record.ts'
import type { StreamWriter } from '../dialects/chat-dialect.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { ClientPatience } from './client-patience.ts'
import { EventBoundary } from './event-boundary.ts'
import { failureReply } from './failure-reply.ts'
import { readBody, type BodyLimits } from './read-body.ts'
import type { TunnelSocket } from './tunnel.ts'
import { awaitsContinue, hasUnreadBody, takeInRest } from './unread-body.ts'

const closing = ['connection', 'close'] as const

/** Larger bodies are not worth another copy. */
const oneWriteMaxBytes = 32 * 1024

/**
 * One request and its one reply. Owned by the server until the connection is done with it; whoever answers goes through
 * `reply…`, `begin` and `fail`, so that ids, CORS and the record are right on every path.
 */
export class Exchange implements Member {
  /** Among the exchanges in flight; the server's. */
  position = -1
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly record: RequestRecord
  readonly query: string
  /** Present when the client asks for another protocol, and this exchange may give the connection over to it. */
  readonly tunnel: TunnelSocket | undefined
  /** Whose error shapes and keep-alives are used; the route's, once it is known. */
  dialect: Dialect
  principal: Principal | undefined
  /** What speaks on a stream that is translated; only whole events come from it. */
  voice: StreamWriter | undefined

  readonly #startedAt: number
  readonly #monotonic: () => number
  readonly #bodyLimits: BodyLimits
  readonly #patience: ClientPatience
  readonly #extraHeaders: string[] = []
  #goneListener: (() => void) | undefined
  #drainListener: (() => void) | undefined
  #closeListener: (() => void) | undefined
  #isLast = false
  #isTunnelled = false
  /** Present once the reply is an event stream. */
  #events: EventBoundary | undefined

  constructor(parts: {
    request: IncomingMessage
    response: ServerResponse
    record: RequestRecord
    query: string
    tunnel?: TunnelSocket
    dialect: Dialect
    monotonic: () => number
    bodyLimits: BodyLimits
    slowClientTimeoutMs: number
  }) {
    this.request = parts.request
    this.response = parts.response
    this.record = parts.record
    this.query = parts.query
    this.tunnel = parts.tunnel
    this.dialect = parts.dialect
    this.#monotonic = parts.monotonic
    this.#startedAt = parts.monotonic()
    this.#bodyLimits = parts.bodyLimits
    this.#patience = new ClientPatience({
      response: parts.response,
      timeoutMs: parts.slowClientTimeoutMs,
      onTooSlow: () => this.#cutSlowClient(),
    })
  }

  elapsedMs(): number {
    return this.#monotonic() - this.#startedAt
  }

  /** Adds to what `llmr why` shows. `detail` is facts, never content. */
  note(event: string, detail?: string): void {
    const { timeline } = this.record
    if (timeline.length < timelineMax) timeline.push({ atMs: Math.round(this.elapsedMs() * 10) / 10, event, detail })
  }

  /** Goes with whatever reply follows. */
  addHeader(name: string, value: string): void {
    this.#extraHeaders.push(name, value)
  }

  /**
   * The whole body, decoded if it was compressed.
   *
   * @throws LlmrError `body_too_large`, `invalid_request`
   */
  readBody(): Promise<Buffer> {
    const { request, response } = this
    const onWanted = awaitsContinue(request) ? (): void => response.writeContinue() : undefined
    return readBody(request, { maxBytes: this.#bodyLimits.maxBytes, onWanted })
  }

  /** Sends the body on as it comes, undecoded and without a limit of size: where bytes are only passed through. */
  sendBodyTo(writable: Writable): void {
    const { request, response, record } = this
    // Whatever follows the head on a connection that is to be given over is no body.
    if (this.tunnel !== undefined) {
      writable.end()
      return
    }
    if (awaitsContinue(request)) response.writeContinue()
    request.on('data', (chunk: Buffer) => {
      record.requestBytes += chunk.length
    })
    request.pipe(writable)
  }

  /** Nobody waits for a reply any more: the client left, or was told that there will be none. */
  get isClientGone(): boolean {
    return this.record.isClientGone || this.response.writableEnded
  }

  /** True once the status is on the wire: from here on a failure can only be told inside the stream. */
  get hasBegun(): boolean {
    return this.response.headersSent
  }

  /** True where a comment or an event may be put into the stream; also before it has begun. */
  get isBetweenEvents(): boolean {
    return this.voice !== undefined || (this.#events?.isBetweenEvents ?? true)
  }

  /** The one who works for this client right now; called at once when nobody waits any more. Replaces the one before. */
  onClientGone(listener: (() => void) | undefined): void {
    this.#goneListener = listener
    if (listener !== undefined && this.isClientGone) listener()
  }

  onDrain(listener: () => void): void {
    this.#drainListener = listener
  }

  /** Called once, however the request ends. */
  onClose(listener: () => void): void {
    this.#closeListener = listener
  }

  replyJson(status: number, value: unknown): void {
    this.reply(status, ['content-type', 'application/json'], Buffer.from(JSON.stringify(value)))
  }

  replyText(status: number, text: string): void {
    this.reply(status, ['content-type', 'text/plain; charset=utf-8'], Buffer.from(text))
  }

  /** A whole reply in one write. */
  reply(status: number, headers: readonly string[], body: Buffer): void {
    const { request, response, record } = this
    if (response.headersSent || response.destroyed) return
    const isUnread = hasUnreadBody(request)
    const isLast = isUnread || this.#isLast
    this.begin(status, [...headers, 'content-length', String(body.length), ...(isLast ? closing : [])])
    record.responseBytes += body.length
    if (isUnread && !this.#isLast && !awaitsContinue(request)) {
      response.write(body)
      takeInRest(request, () => this.end())
    } else if (body.length <= oneWriteMaxBytes) {
      // Text goes out in one piece with the head, bytes in a second one; latin1 keeps every byte as it is.
      this.#end(body.toString('latin1'), 'latin1')
    } else {
      this.#end(body)
    }
  }

  /** Status and headers of an event stream: failures from here on are told as its last event. */
  beginEventStream(headers: readonly string[] = []): void {
    this.#events = new EventBoundary()
    // The last header keeps nginx from holding the stream back.
    this.begin(200, [
      ...headers,
      'content-type',
      this.dialect.streamType ?? 'text/event-stream; charset=utf-8',
      'cache-control',
      'no-cache',
      'x-accel-buffering',
      'no',
    ])
  }

  /** Status and headers of a reply whose body follows by `write` and `end`. */
  begin(status: number, headers: readonly string[]): void {
    const { record } = this
    record.status = status
    this.response.writeHead(status, [
      'x-request-id',
      record.requestId,
      'x-correlation-id',
      record.correlationId,
      ...this.#extraHeaders,
      ...headers,
    ])
  }

  /** The head with which the connection is given over; from here on its bytes are the other protocol's. */
  beginTunnel(status: number, headers: readonly (readonly [name: string, value: string])[]): void {
    const { record, tunnel } = this
    this.#isTunnelled = true
    record.status = status
    record.isStream = true
    const own: (readonly [string, string])[] = [
      ['x-request-id', record.requestId],
      ['x-correlation-id', record.correlationId],
    ]
    const lines = [...own, ...headers].map(([name, value]) => `${name}: ${value}\r\n`)
    tunnel?.socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`, 'latin1')
  }

  /** False: hold back until the drain listener is called. A client that takes nothing for too long is cut. */
  write(chunk: Buffer | string): boolean {
    const { response, record } = this
    if (response.destroyed) return true
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    record.responseBytes += bytes.length
    this.#events?.push(bytes)
    const hasRoom = response.write(bytes)
    if (!hasRoom) this.#patience.awaitDrain(() => this.#drainListener?.())
    return hasRoom
  }

  end(): void {
    if (!this.response.writableEnded) this.#end()
  }

  /** Cuts the connection: the only honest end of a reply whose length or framing can no longer be kept. */
  destroy(): void {
    this.response.destroy()
  }

  /** Like `fail`, when nothing more can be read from the connection: it is closed with the reply. */
  failLast(error: LlmrError): void {
    this.#isLast = true
    this.fail(error)
  }

  /** Answers a failure in the client's own dialect, before or inside the reply. */
  fail(error: LlmrError): void {
    const { record, response } = this
    record.errorCode ??= error.code
    if (response.destroyed || response.writableEnded) return
    if (this.#isTunnelled) {
      this.tunnel?.socket.destroy()
      return
    }
    if (response.headersSent) {
      if (this.#events === undefined) response.destroy()
      // An event that broke off must not take this one with it.
      else this.#end((this.isBetweenEvents ? '' : '\n\n') + this.#lastWords(error))
      return
    }
    const { headers, body } = failureReply(error, {
      accept: this.request.headers.accept,
      dialect: this.dialect,
      record,
    })
    this.reply(error.status, headers, Buffer.from(body))
  }

  /** Called by the server, once, when the connection has no more use for this exchange. */
  close(): void {
    this.#patience.stop()
    this.record.durationMs = this.elapsedMs()
    if (!this.response.writableFinished && !this.#isTunnelled) this.record.isClientGone = true
    this.#goneListener?.()
    this.#goneListener = undefined
    this.#drainListener = undefined
    this.#closeListener?.()
  }

  #end(lastBytes?: Buffer | string, encoding: BufferEncoding = 'utf8'): void {
    this.response.end(lastBytes, encoding)
    this.#patience.awaitEnd()
  }

  #lastWords(error: LlmrError): string {
    return this.voice?.fail(error) ?? this.dialect.writeStreamError(error, this.record)
  }

  #cutSlowClient(): void {
    this.note('client-too-slow')
    this.record.errorCode = 'request_timeout'
    this.response.destroy(new LlmrError('request_timeout', 'The client took nothing for too long.'))
  }
}
