import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from './upstream-handler.ts'
import type { SocketHistory } from './socket-history.ts'

/** A close that crosses a request on its way shows within a round trip; an engine that computes first takes longer. */
const crossingMaxMs = 100

export interface ResendOptions {
  readonly handler: UpstreamHandler
  /** Sends the same request to this handler once more. */
  readonly resend: (handler: UpstreamHandler) => void
  readonly history: SocketHistory
}

/**
 * Servers close kept connections when they like, some without announcing it: llama.cpp's router does so after a reply.
 * A request that is written at that moment is lost although the engine is well. It is sent again, once, when all of
 * this holds: the connection had carried a reply before, it broke at once, and not a byte of an answer had come. A
 * request that makes an engine crash is thus not repeated after the engine worked on it, nor on a fresh connection.
 */
export class ResendWhenStale implements UpstreamHandler {
  readonly #options: ResendOptions
  readonly #handler: UpstreamHandler
  #startedAtMs = 0
  #mayResend = true

  constructor(options: ResendOptions) {
    this.#options = options
    this.#handler = options.handler
  }

  onRequestStart(controller: UpstreamController): void {
    this.#startedAtMs = performance.now()
    this.#handler.onRequestStart(controller)
  }

  onResponseStart(controller: UpstreamController, status: number, headers: UpstreamHeaders, message?: string): void {
    this.#mayResend = false
    this.#handler.onResponseStart(controller, status, headers, message)
  }

  onResponseData(controller: UpstreamController, chunk: Buffer): void {
    this.#handler.onResponseData(controller, chunk)
  }

  onResponseEnd(controller: UpstreamController, trailers: UpstreamHeaders): void {
    this.#handler.onResponseEnd(controller, trailers)
  }

  onResponseError(controller: UpstreamController | null | undefined, error: Error): void {
    const crossed = performance.now() - this.#startedAtMs < crossingMaxMs
    if (this.#mayResend && crossed && this.#options.history.brokeAfterUse(error)) {
      this.#mayResend = false
      this.#options.resend(this)
      return
    }
    this.#handler.onResponseError(controller, error)
  }
}
