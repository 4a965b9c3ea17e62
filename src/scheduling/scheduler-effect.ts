import type { ErrorCode } from '../core/error.ts'

/**
 * What the scheduler wants done by the owner of the processes. Each is a wish: it counts as done when an event says so
 * (`loaded`, `loadFailed`, `stopped`, `finished`), never before.
 */
export type SchedulerEffect =
  /** Send it to the model's instance, which is ready and has a slot. Answered by `finished`, unless it was load-only. */
  | { readonly type: 'serve'; readonly requestId: string; readonly model: string }
  /** Answered by `loaded` or `loadFailed`. Its memory is free by all that events have said. */
  | { readonly type: 'start'; readonly model: string; readonly because: string }
  /**
   * Answered by `stopped`. Nothing runs on it, and nothing will be sent to it until it has been started again. Final: it is
   * not to be put to sleep, and is woken from it only to end.
   */
  | { readonly type: 'stop'; readonly model: string; readonly because: string; readonly isFinal?: boolean }
  /**
   * Models whose files are worth having in the page cache, the most urgent first, at most `prefetchMax`. Replaces the
   * list before it; an empty one ends all reading. The owner passes over those it has cached, and reads beside no load.
   */
  | { readonly type: 'prefetch'; readonly models: readonly string[] }
  | RefuseEffect
  /** Send `tick` at this time, instead of at the later time that was asked for before. */
  | { readonly type: 'wakeAt'; readonly atMs: number }
  /** The operator's own policy failed or chose what cannot be; the default has decided in its place. For the log. */
  | { readonly type: 'policyFailed'; readonly message: string }

export interface RefuseEffect {
  readonly type: 'refuse'
  readonly requestId: string
  readonly code: ErrorCode
  readonly reason: RefusalReason
  /** For people: what was expected, what came, what to do. */
  readonly message: string
  readonly retryAfterMs?: number
}

export type RefusalReason =
  | 'model_unknown'
  /** This model's queue is full. */
  | 'queue_full'
  /** All queues together are. */
  | 'queues_full'
  | 'waited_too_long'
  | 'load_failed'
  /** It would not fit if it were alone, or beside what is pinned. */
  | 'does_not_fit'
  | 'unloaded'

export const prefetchMax = 8
