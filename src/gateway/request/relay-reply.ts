import { secretsOf } from '../../backends/call.ts'
import type {
  Connection,
  UpstreamController,
  UpstreamHandler,
  UpstreamHeaders,
  UpstreamRequest,
} from '../../backends/connection.ts'
import { type BackendFailure, failureFromError, failureFromStatus, malformedReply } from '../../backends/failure.ts'
import { LlmrError } from '../../core/error.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import { readJsonEnd, readStreamEnd, type ReplyEnd } from '../../dialects/openai/read-reply-end.ts'
import type { Exchange } from '../../http/exchange.ts'
import { judgeFailure } from '../../resilience/judge-failure.ts'
import { headerText, passedHeaders } from './passed-headers.ts'
import { ReplyTail } from './reply-tail.ts'
import type { ReplyTranslation } from './reply-translation.ts'
import type { StreamPulse } from './stream-pulse.ts'

export interface RelayOptions {
  readonly exchange: Exchange
  readonly connection: Connection
  readonly request: UpstreamRequest
  /** Where the request went, for logs. */
  readonly url: string
  /** Headers that name the backend, the model and the reason; names and values in turn. */
  readonly replyHeaders: readonly string[]
  readonly isStream: boolean
  readonly pulse: StreamPulse | undefined
  /** Gives a whole JSON reply the shape the client asked for. Throws SyntaxError when it is not JSON. */
  readonly reshape: ((body: Buffer) => Buffer) | undefined
  /** Says it all in the client's own dialect, where that is another than the engine's. */
  readonly translation: ReplyTranslation | undefined
  readonly witness: RelayWitness | undefined
  /** A good reply has begun to arrive. */
  readonly onFirstByte: () => void
}

/** Hears the engine's own bytes. */
export interface RelayWitness {
  push(chunk: Buffer): void
  /** Once, when the reply is whole and before its end marker leaves: a client that has seen that may rely on what is done here. */
  end(): void
}

export type RelayOutcome =
  | { readonly kind: 'served' }
  /** Nothing of a reply has reached the client: another backend may be asked. */
  | { readonly kind: 'failed'; readonly failure: BackendFailure }
  /** It broke inside the reply, and the client has been told so. */
  | { readonly kind: 'broken'; readonly failure: BackendFailure }
  | { readonly kind: 'client-gone' }

/** JSON replies up to this size are held until they are whole, so that one that breaks off can be asked for again. */
const heldMaxBytes = 4 * 1024 * 1024
const errorBodyMaxBytes = 64 * 1024

/**
 * Sends one request to one backend and gives its reply to the client as it comes. Never throws, and always settles: the
 * connection bounds every phase, and a client that leaves cancels the work at once.
 */
export function relayReply(options: RelayOptions): Promise<RelayOutcome> {
  return new Promise((resolve) => {
    const relay = new Relay(options, resolve)
    options.exchange.onClientGone(() => relay.cancel())
    options.pulse?.wake()
    if (!options.exchange.isClientGone) options.connection.send(options.request, relay)
  })
}

class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** What is done with the reply's bytes: given on at once, kept until whole, or read as the text of a failure. */
type Mode = 'stream' | 'pipe' | 'hold' | 'refusal'

class Relay implements UpstreamHandler {
  readonly #options: RelayOptions
  readonly #exchange: Exchange
  readonly #settle: (outcome: RelayOutcome) => void
  readonly #tail = new ReplyTail()
  #controller: UpstreamController | undefined
  #mode: Mode = 'pipe'
  #status = 0
  #headers: UpstreamHeaders = {}
  #held: Buffer[] = []
  #heldBytes = 0
  #hasArrived = false
  /** A byte of the engine's reply is on its way to the client: no second try from here on. */
  #hasGivenOn = false
  #isSettled = false
  #isWitnessed = false

  constructor(options: RelayOptions, settle: (outcome: RelayOutcome) => void) {
    this.#options = options
    this.#exchange = options.exchange
    this.#settle = settle
  }

  /** Settled before the request is cut: an abort tells of itself at once, and would pass for the backend's failure. */
  cancel(): void {
    this.#finish({ kind: 'client-gone' })
    this.#controller?.abort(new ClientGone('the client is gone'))
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#isSettled) controller.abort(new ClientGone('the client is gone'))
  }

  onResponseStart(controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#mode = this.#modeOf(status, headerText(headers['content-type']))
    if (this.#mode === 'hold' || this.#mode === 'pipe') this.#expectUnopened(controller)
  }

  onResponseData(controller: UpstreamController, chunk: Buffer): void {
    if (this.#isSettled) return
    if (!this.#hasArrived && this.#mode !== 'refusal') {
      this.#hasArrived = true
      this.#options.onFirstByte()
    }
    switch (this.#mode) {
      case 'stream':
      case 'pipe':
        this.#giveOn(controller, chunk)
        break
      case 'hold':
        this.#hold(controller, chunk)
        break
      case 'refusal':
        if (this.#heldBytes < errorBodyMaxBytes) this.#keep(chunk)
        break
    }
  }

  onResponseEnd(): void {
    if (this.#isSettled) return
    switch (this.#mode) {
      case 'stream':
        this.#endStream()
        break
      case 'pipe':
        if (!this.#hasGivenOn) this.#begin()
        this.#exchange.end()
        this.#finish({ kind: 'served' })
        break
      case 'hold':
        this.#replyWhole()
        break
      case 'refusal':
        this.#fail(this.#refusal())
        break
    }
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    if (this.#isSettled) return
    this.#fail(failureFromError(error, { url: this.#options.url, hasReplyBegun: this.#hasGivenOn }))
  }

  #modeOf(status: number, contentType: string): Mode {
    if (status >= 300) return 'refusal'
    if (contentType.startsWith('text/event-stream')) return 'stream'
    return contentType.startsWith('application/json') ? 'hold' : 'pipe'
  }

  /** A whole reply cannot follow on a stream that was opened early, and none may be opened while it comes. */
  #expectUnopened(controller: UpstreamController): void {
    this.#options.pulse?.rest()
    if (!this.#exchange.hasBegun) return
    this.#fail(malformedReply(this.#options.url, 'The backend answered a streamed request with a whole reply.'))
    controller.abort(new Error('expected an event stream'))
  }

  #begin(): void {
    const { exchange, replyHeaders } = this.#options
    exchange.record.timeToFirstByteMs = exchange.elapsedMs()
    this.#hasGivenOn = true
    if (exchange.hasBegun) return
    if (this.#mode === 'stream') exchange.beginEventStream(replyHeaders)
    else exchange.begin(this.#status, [...replyHeaders, ...passedHeaders(this.#headers)])
  }

  #giveOn(controller: UpstreamController, chunk: Buffer): void {
    if (!this.#hasGivenOn) this.#begin()
    if (this.#mode === 'stream') this.#tail.push(chunk)
    const { witness, translation } = this.#options
    witness?.push(chunk)
    if (witness !== undefined && translation === undefined && this.#tail.holdsEnd(chunk)) this.#witnessed()
    const said = translation?.push(chunk) ?? chunk
    // What the client does not get to hear, such as thoughts it did not ask for, is silence to it.
    if (said.length === 0) return
    if (this.#mode === 'stream') this.#options.pulse?.sawChunk()
    if (this.#exchange.write(said)) return
    controller.pause()
    this.#exchange.onDrain(() => controller.resume())
  }

  #hold(controller: UpstreamController, chunk: Buffer): void {
    this.#keep(chunk)
    const { reshape, translation } = this.#options
    if (this.#heldBytes <= heldMaxBytes || reshape !== undefined || translation !== undefined) return
    this.#mode = 'pipe'
    for (const held of this.#takeHeld()) this.#giveOn(controller, held)
  }

  #keep(chunk: Buffer): void {
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
  }

  #takeHeld(): Buffer[] {
    const held = this.#held
    this.#held = []
    return held
  }

  #heldText(): string {
    return Buffer.concat(this.#held).toString()
  }

  /** A stream that stopped without its end marker died, however politely the connection was closed. */
  #endStream(): void {
    const end = readStreamEnd(this.#tail.text())
    if (!end.isComplete && !end.hasError) {
      this.#fail(this.#cutOff('the stream ended without its end marker'))
      return
    }
    noteEnd(this.#exchange.record, end)
    const last = this.#options.translation?.end() ?? ''
    if (last instanceof Promise) void last.then((text) => this.#sayLast(text))
    else this.#sayLast(last)
  }

  #sayLast(last: string): void {
    if (this.#isSettled) return
    this.#witnessed()
    if (last !== '') this.#exchange.write(last)
    this.#exchange.end()
    this.#finish({ kind: 'served' })
  }

  #replyWhole(): void {
    const { reshape, translation } = this.#options
    const body = this.#held.length === 1 && this.#held[0] !== undefined ? this.#held[0] : Buffer.concat(this.#held)
    this.#options.witness?.push(body)
    const end = readJsonEnd(body.toString('utf8', Math.max(0, body.length - 2048)))
    let shaped: Buffer | Promise<Buffer>
    try {
      shaped = translation?.whole(body) ?? reshape?.(body) ?? body
      // What goes as bytes is not parsed; an engine that gave up may have closed the connection in good order.
      if (shaped === body && !end.isComplete) {
        this.#fail(this.#cutOff('the reply ended in the middle'))
        return
      }
    } catch {
      this.#fail(malformedReply(this.#options.url, 'The backend answered with something that is not JSON.'))
      return
    }
    noteEnd(this.#exchange.record, end)
    if (shaped instanceof Promise) void shaped.then((kept) => this.#reply(kept))
    else this.#reply(shaped)
  }

  #reply(shaped: Buffer): void {
    if (this.#isSettled) return
    const { exchange, replyHeaders, translation } = this.#options
    const contentType = translation?.wholeType ?? 'application/json'
    exchange.record.timeToFirstByteMs = exchange.elapsedMs()
    this.#witnessed()
    exchange.reply(this.#status, [...replyHeaders, 'content-type', contentType], shaped)
    this.#finish({ kind: 'served' })
  }

  #witnessed(): void {
    const { witness, exchange } = this.#options
    if (witness === undefined || this.#isWitnessed) return
    this.#isWitnessed = true
    if (this.#mode === 'stream') noteEnd(exchange.record, readStreamEnd(this.#tail.text()))
    witness.end()
  }

  #cutOff(message: string): BackendFailure {
    const error = Object.assign(new Error(message), { code: 'UND_ERR_SOCKET' })
    return failureFromError(error, { url: this.#options.url, hasReplyBegun: this.#hasGivenOn })
  }

  #refusal(): BackendFailure {
    const { url, request, connection } = this.#options
    return failureFromStatus({
      url,
      status: this.#status,
      headers: this.#headers,
      bodyText: this.#heldText(),
      requestText: request.body?.toString() ?? '',
      secrets: secretsOf(connection.settings),
    })
  }

  #fail(failure: BackendFailure): void {
    if (!this.#hasGivenOn) {
      this.#finish({ kind: 'failed', failure })
      return
    }
    const { clientCode } = judgeFailure(failure.causeClass)
    this.#exchange.fail(new LlmrError(clientCode, `The reply broke off: ${failure.message}`, { cause: failure }))
    this.#finish({ kind: 'broken', failure })
  }

  #finish(outcome: RelayOutcome): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#exchange.onClientGone(undefined)
    this.#settle(outcome)
  }
}

/** Before the last byte goes out: the request's record is closed with its connection, sooner than any promise runs. */
function noteEnd(record: RequestRecord, { usage, hasError }: ReplyEnd): void {
  record.promptTokens = usage?.promptTokens
  record.completionTokens = usage?.completionTokens
  record.cachedTokens = usage?.cachedTokens
  if (hasError) record.errorCode = 'backend_failed'
}
