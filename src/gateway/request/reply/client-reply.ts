import type { UpstreamController, UpstreamHeaders } from '../../../backends/upstream-handler.ts'
import type { BackendFailure } from '../../../backends/failure.ts'
import { LlmrError } from '../../../core/error.ts'
import type { ReplyEnd } from '../../../dialects/openai/read-reply-end.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { judgeFailure } from '../../../resilience/judge-failure.ts'
import { passedHeaders } from '../passed-headers.ts'
import type { StreamPulse } from '../stream-pulse.ts'

export interface ReplyHead {
  readonly status: number
  readonly isStream: boolean
  /** The engine's. */
  readonly headers: UpstreamHeaders
}

/** One reply as its client gets it: one head, one end, however many of the engine's it is made of. Owned by one attempt. */
export class ClientReply {
  readonly #exchange: Exchange
  /** Headers that name the backend, the model and the reason; names and values in turn. */
  readonly #ownHeaders: readonly string[]
  readonly #pulse: StreamPulse | undefined
  #hasBegun = false

  constructor(parts: { exchange: Exchange; replyHeaders: readonly string[]; pulse: StreamPulse | undefined }) {
    this.#exchange = parts.exchange
    this.#ownHeaders = parts.replyHeaders
    this.#pulse = parts.pulse
  }

  /** A byte of the engine's reply is on its way to the client: no second try from here on. */
  get hasBegun(): boolean {
    return this.#hasBegun
  }

  begin({ status, isStream, headers }: ReplyHead): void {
    if (this.#hasBegun) return
    const exchange = this.#exchange
    exchange.record.timeToFirstByteMs = exchange.elapsedMs()
    this.#hasBegun = true
    if (exchange.hasBegun) return
    if (isStream) exchange.beginEventStream(this.#ownHeaders)
    else exchange.begin(status, [...this.#ownHeaders, ...passedHeaders(headers)])
  }

  /** False: the client takes no more at the moment; `onDrain` says when. */
  write(said: Buffer | string): boolean {
    // What the client does not get to hear, such as thoughts it did not ask for, is silence to it.
    if (said.length === 0) return true
    this.#pulse?.sawChunk()
    return this.#exchange.write(said)
  }

  /** Writes what came from an engine, which has to wait while the client takes no more. */
  pass(said: Buffer | string, engine: Pick<UpstreamController, 'paused' | 'pause' | 'resume'>): void {
    if (this.write(said)) {
      if (engine.paused) engine.resume()
      return
    }
    engine.pause()
    this.onDrain(() => engine.resume())
  }

  onDrain(listener: () => void): void {
    this.#exchange.onDrain(listener)
  }

  /** Before the last byte goes out: the request's record is closed with its connection, sooner than any promise runs. */
  count({ usage, hasError }: ReplyEnd): void {
    const { record } = this.#exchange
    record.promptTokens = usage?.promptTokens
    record.completionTokens = usage?.completionTokens
    record.cachedTokens = usage?.cachedTokens
    if (hasError) record.errorCode = 'backend_failed'
  }

  /** Of an answer that was asked for beyond the engine's first. */
  countMore({ usage }: ReplyEnd): void {
    const { record } = this.#exchange
    record.promptTokens = sumOf(record.promptTokens, usage?.promptTokens)
    record.completionTokens = sumOf(record.completionTokens, usage?.completionTokens)
    record.cachedTokens = sumOf(record.cachedTokens, usage?.cachedTokens)
  }

  /** The end of a reply that went out in pieces. */
  end(last: Buffer | string = ''): void {
    if (last.length > 0) this.#exchange.write(last)
    this.#exchange.end()
  }

  /** A reply that goes out in one piece. */
  whole(status: number, contentType: string, body: Buffer): void {
    const exchange = this.#exchange
    exchange.record.timeToFirstByteMs = exchange.elapsedMs()
    exchange.reply(status, [...this.#ownHeaders, 'content-type', contentType], body)
  }

  /** It broke inside the reply: the client is told so. */
  breakOff(failure: BackendFailure): void {
    const { clientCode } = judgeFailure(failure.causeClass)
    this.#exchange.fail(new LlmrError(clientCode, `The reply broke off: ${failure.message}`, { cause: failure }))
  }
}

function sumOf(before: number | undefined, more: number | undefined): number | undefined {
  return more === undefined ? before : (before ?? 0) + more
}
