import type { UpstreamController, UpstreamHandler, UpstreamHeaders } from '../../../backends/upstream-handler.ts'

/**
 * Stands between an engine and whoever hears its reply. What the hearer throws is a fault of llmr: it ends the work at the
 * engine and is told once, and never passes for a failure of the engine, whose breaker any client could then open.
 */
export class FaultGuard implements UpstreamHandler {
  readonly #handler: UpstreamHandler
  readonly #onFault: (fault: unknown) => void
  #hasFailed = false

  constructor(handler: UpstreamHandler, onFault: (fault: unknown) => void) {
    this.#handler = handler
    this.#onFault = onFault
  }

  onRequestStart(controller: UpstreamController): void {
    this.#guard(controller, () => this.#handler.onRequestStart(controller))
  }

  onResponseStart(controller: UpstreamController, status: number, headers: UpstreamHeaders): void {
    this.#guard(controller, () => this.#handler.onResponseStart(controller, status, headers))
  }

  onResponseData(controller: UpstreamController, chunk: Buffer): void {
    this.#guard(controller, () => this.#handler.onResponseData(controller, chunk))
  }

  onResponseEnd(controller: UpstreamController, trailers: UpstreamHeaders): void {
    this.#guard(controller, () => this.#handler.onResponseEnd(controller, trailers))
  }

  onResponseError(controller: UpstreamController | null | undefined, error: Error): void {
    this.#guard(controller, () => this.#handler.onResponseError(controller, error))
  }

  #guard(controller: UpstreamController | null | undefined, hear: () => void): void {
    if (this.#hasFailed) return
    try {
      hear()
    } catch (fault) {
      this.#hasFailed = true
      this.#onFault(fault)
      controller?.abort(new Error('llmr failed while it read the reply'))
    }
  }
}
