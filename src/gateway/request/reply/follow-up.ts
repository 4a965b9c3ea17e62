import type { Connection, UpstreamRequest } from '../../../backends/connection.ts'
import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from '../../../backends/upstream-handler.ts'
import { type BackendFailure, failureFromError, malformedReply } from '../../../backends/failure.ts'
import { readJsonEnd, readStreamEnd, type ReplyEnd } from '../../../dialects/openai/read-reply-end.ts'
import { ReplyTail } from '../reply-tail.ts'
import { cutOff } from './cut-off.ts'
import { HeldBytes } from './held-bytes.ts'
import { refusalOf } from './refusal-of.ts'
import { replyModeOf, type ReplyMode } from './reply-mode.ts'

export interface FollowUpOptions {
  readonly connection: Connection
  readonly request: UpstreamRequest
  /** Where the request goes, for logs. */
  readonly url: string
  /** Bytes of a stream, as they come. Whoever takes them may pause the engine. */
  readonly onChunk: (controller: UpstreamController, chunk: Buffer) => void
}

export type FollowUpOutcome =
  /** Its bytes were all handed over. */
  | { readonly kind: 'streamed'; readonly end: ReplyEnd }
  | { readonly kind: 'whole'; readonly body: Buffer; readonly end: ReplyEnd }
  | { readonly kind: 'failed'; readonly failure: BackendFailure }

/** What an engine may say in one piece when it is asked beyond its reply. */
const heldMaxBytes = 4 * 1024 * 1024
const errorBodyMaxBytes = 64 * 1024

/**
 * One question more to the engine that is giving a reply. Ends by itself within the connection's limits, and never
 * throws.
 */
export class FollowUp implements UpstreamHandler {
  readonly outcome: Promise<FollowUpOutcome>
  readonly #options: FollowUpOptions
  readonly #settle: (outcome: FollowUpOutcome) => void
  readonly #tail = new ReplyTail()
  readonly #held = new HeldBytes()
  #controller: UpstreamController | undefined
  #mode: ReplyMode = 'refusal'
  #status = 0
  #headers: UpstreamHeaders = {}
  #cancelled: Error | undefined

  constructor(options: FollowUpOptions) {
    const { promise, resolve } = Promise.withResolvers<FollowUpOutcome>()
    this.outcome = promise
    this.#settle = resolve
    this.#options = options
    options.connection.send(options.request, this)
  }

  /** Cuts the work at the engine; the outcome is a failure then. */
  cancel(reason: Error): void {
    this.#cancelled = reason
    this.#controller?.abort(reason)
  }

  /** What has come is all that is wanted: the work at the engine is cut, and the outcome is as if it had ended. */
  cutShort(reason: Error): void {
    this.#settle({ kind: 'streamed', end: { isComplete: true, hasError: false, usage: undefined } })
    this.cancel(reason)
  }

  onRequestStart(controller: UpstreamController): void {
    this.#controller = controller
    if (this.#cancelled !== undefined) controller.abort(this.#cancelled)
  }

  onResponseStart(_controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#mode = replyModeOf(status, headers)
  }

  onResponseData(controller: UpstreamController, chunk: Buffer): void {
    if (this.#cancelled !== undefined) return
    if (this.#mode === 'stream') {
      this.#tail.push(chunk)
      this.#options.onChunk(controller, chunk)
      return
    }
    if (this.#held.length < (this.#mode === 'refusal' ? errorBodyMaxBytes : heldMaxBytes)) this.#held.push(chunk)
    else if (this.#mode !== 'refusal') controller.abort(new Error('longer than anything that was asked for'))
  }

  onResponseEnd(): void {
    switch (this.#mode) {
      case 'stream':
        this.#endStream()
        break
      case 'hold':
        this.#endWhole()
        break
      case 'pipe':
        this.#fail(malformedReply(this.#options.url, 'The backend answered with something that is not JSON.'))
        break
      case 'refusal':
        this.#fail(
          refusalOf({ ...this.#options, status: this.#status, headers: this.#headers, body: this.#held.whole() }),
        )
        break
    }
  }

  onResponseError(_controller: UpstreamController | null | undefined, error: Error): void {
    this.#fail(failureFromError(error, { url: this.#options.url, hasReplyBegun: this.#status >= 200 }))
  }

  #endStream(): void {
    const end = readStreamEnd(this.#tail.text())
    if (end.isComplete && !end.hasError) this.#settle({ kind: 'streamed', end })
    else this.#fail(cutOff('the stream ended without its end marker', { url: this.#options.url, hasReplyBegun: true }))
  }

  #endWhole(): void {
    const body = this.#held.whole()
    this.#settle({ kind: 'whole', body, end: readJsonEnd(body.toString('utf8', Math.max(0, body.length - 2048))) })
  }

  #fail(failure: BackendFailure): void {
    this.#settle({ kind: 'failed', failure })
  }
}
