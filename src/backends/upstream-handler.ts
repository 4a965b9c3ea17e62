/** The reader's hold on a reply. After `abort` the connection is cut and `onResponseError` receives the reason. */
export interface UpstreamController {
  readonly aborted: boolean
  readonly paused: boolean
  abort(reason: Error): void
  pause(): void
  resume(): void
}

export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>

/**
 * What is told while a request runs. Ends with exactly one of `onResponseEnd` and `onResponseError`. A reply that has
 * neither a length nor chunks ends when its connection does, so there a crash looks like a normal end: readers of
 * streams must look for the end marker.
 */
export interface UpstreamHandler {
  /**
   * The request is about to be written to an open connection; from here on it can be aborted. Called a second time,
   * with another controller, when that connection turns out to have been closed by the engine in that moment.
   */
  onRequestStart(controller: UpstreamController): void
  /** Also called for interim replies (status below 200), which are not the answer. */
  onResponseStart(
    controller: UpstreamController,
    statusCode: number,
    headers: UpstreamHeaders,
    statusMessage?: string,
  ): void
  onResponseData(controller: UpstreamController, chunk: Buffer): void
  onResponseEnd(controller: UpstreamController, trailers: UpstreamHeaders): void
  /** The controller is missing when the request failed before it was written, for instance while connecting. */
  onResponseError(controller: UpstreamController | null | undefined, error: Error): void
}
