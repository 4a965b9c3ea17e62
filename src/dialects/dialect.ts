import type { LlmrError } from '../core/error.ts'

/** How one family of clients wants to hear things. Pure: values in, text out. */
export interface Dialect {
  readonly name: string
  /** Content type of its streams; an event stream unless it says otherwise. */
  readonly streamType?: string
  /** A failure before the first byte of the reply. The status goes beside it, on the wire. */
  writeError(error: LlmrError, ids: ReplyIds): string
  /** A failure after a stream has begun: the last thing on it, never a normal end. */
  writeStreamError(error: LlmrError, ids: ReplyIds): string
  /** Signs of life for a stream on which nothing else flows. */
  readonly keepAlive: KeepAlive
}

export interface ReplyIds {
  readonly requestId: string
  readonly correlationId: string
}

export interface KeepAlive {
  /** Resets transport timers; invisible to programs. Every reader of the dialect must survive it anywhere between events. */
  readonly comment: string
  /** An event without content, for clients that watch for events and not for bytes. `undefined`: the operation has none. */
  writeEmptyDelta?(facts: { requestId: string; model: string; createdAtS: number }): string
}
