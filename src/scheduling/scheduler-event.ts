import type { Lane } from './lane.ts'
import type { SchedulerSettings } from './scheduler-settings.ts'

/**
 * What happens to the scheduler. `nowMs` is monotonic; one that goes backwards counts as no time gone by. Events that
 * do not fit what the scheduler knows (a reply to something it has long given up) are passed over.
 */
export type SchedulerEvent = { readonly nowMs: number } & (
  | ArriveEvent
  /** The client has left. A request that waits is gone at once; for one at work the owner still reports `finished`. */
  | { readonly type: 'cancel'; readonly requestId: string }
  /** A request that was served has ended, well or badly: its slot is free. */
  | { readonly type: 'finished'; readonly requestId: string }
  /** The instance answers. `loadMs`: from its start, measured. */
  | { readonly type: 'loaded'; readonly model: string; readonly loadMs: number }
  /**
   * The instance never answered and its memory is free. Not retryable: whoever waits is refused with `cause`. Retryable:
   * they wait on, and it is started again at `retryAtMs`; how that time grows is the owner's business.
   */
  | {
      readonly type: 'loadFailed'
      readonly model: string
      readonly cause: string
      readonly isRetryable: boolean
      readonly retryAtMs?: number
    }
  /**
   * The process is gone and its memory has been seen free. Also when nobody asked for it. Asleep: it is still there, and
   * holds its `sleepingBytes`.
   */
  | { readonly type: 'stopped'; readonly model: string; readonly isAsleep?: boolean }
  /** It ended by itself and its memory is free. What it was serving is the owner's to report to its clients. */
  | { readonly type: 'crashed'; readonly model: string; readonly retryAtMs?: number }
  /** The owner's newest guess of the next load, such as after reading the file into the page cache. */
  | { readonly type: 'estimated'; readonly model: string; readonly loadMs: number }
  /**
   * An operator wants the memory back: requests at work end first. Without a model: all. Whoever waits is refused, or
   * brings the model back when it has gone.
   */
  | { readonly type: 'unload'; readonly model?: string; readonly waiting: 'refuse' | 'keep' }
  /** A lease: not put out before `untilMs`. Does not load the model. */
  | { readonly type: 'pin'; readonly model: string; readonly untilMs: number }
  | { readonly type: 'unpin'; readonly model: string }
  /** Until it has gone, it is unloaded after so long without a request, and not after its ttl. Passed over while it is absent. */
  | { readonly type: 'idle'; readonly model: string; readonly forMs: number }
  | { readonly type: 'configure'; readonly settings: SchedulerSettings }
  /** The timer set for `wakeAt` has rung. A moment early does no harm: another is asked for. */
  | { readonly type: 'tick' }
)

export interface ArriveEvent {
  readonly type: 'arrive'
  /** Unique among requests that wait or are at work. */
  readonly requestId: string
  readonly model: string
  readonly lane: Lane
  /** Whose request it is: requests of one principal keep their order, and principals take turns. */
  readonly principal: string
  /** Multiplies the time it waits wherever waiting is compared, and its principal's share of turns. Above 0; 1 is ordinary. */
  readonly weight: number
  /** Refused when it still waits at this time. */
  readonly deadlineMs: number
  /** It only wants the model resident: takes no slot, ends with `serve`, counts in no average. */
  readonly isLoadOnly?: boolean
}
