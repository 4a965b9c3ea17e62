import type { LlmrError } from '../core/error.ts'
import type { LoadingState, WaitProgress } from '../core/wait-progress.ts'

/** How one family of clients wants to hear things. Pure: values in, text out. */
export interface Dialect {
  readonly name: string
  /** Content type of its streams; an event stream unless it says otherwise. */
  readonly streamType?: string
  /** Beside `x-request-id`, a header in which its clients look for the same. */
  readonly requestIdHeader?: string
  /** A failure before the first byte of the reply. The status goes beside it, on the wire. */
  writeError(error: LlmrError, ids: ReplyIds): string
  /** A failure after a stream has begun: the last thing on it, never a normal end. */
  writeStreamError(error: LlmrError, ids: ReplyIds): string
  /** What stands beside the number where tokens are counted. */
  readonly tokenCountFields?: Readonly<Record<string, string>>
  /** Signs of life for a stream on which nothing else flows. */
  readonly keepAlive: KeepAlive
  /**
   * Tells a stream that waits for its model how far it is, in a way that no client takes for a part of the reply. A
   * style for which an operation has no shape is written as a comment. `undefined`: it gets signs of life instead.
   */
  writeProgress?(progress: WaitProgress, style: ProgressStyle, facts: StreamFacts): string
}

export type ProgressStyle = Exclude<LoadingState, 'off'>

/** What the chunks of a stream have in common. */
export interface StreamFacts {
  readonly requestId: string
  readonly model: string
  readonly createdAtS: number
}

export interface ReplyIds {
  readonly requestId: string
  readonly correlationId: string
}

export interface KeepAlive {
  /** Resets transport timers; invisible to programs. Every reader of the dialect must survive it anywhere between events. */
  readonly comment: string
  /** An event without content, for clients that watch for events and not for bytes. `undefined`: the operation has none. */
  writeEmptyDelta?(facts: StreamFacts): string
}
