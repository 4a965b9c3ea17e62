import type { LaunchFailure } from '../instance/launch-failure.ts'

/**
 * What becomes of models. With the time added, all but `prefetched` are events of the scheduler: whenever one says that a
 * model is not there, its process is gone and its memory free, but for one that is asleep.
 */
export type SupervisorEvent =
  | { readonly type: 'loaded'; readonly model: string; readonly loadMs: number }
  | {
      readonly type: 'loadFailed'
      readonly model: string
      /** For whoever waits: one sentence without paths. */
      readonly cause: string
      readonly isRetryable: boolean
      /** Monotonic. */
      readonly retryAtMs: number
      readonly failure: LaunchFailure
    }
  | { readonly type: 'stopped'; readonly model: string; readonly isAsleep?: true }
  | {
      readonly type: 'crashed'
      readonly model: string
      readonly retryAtMs: number
      readonly failure: LaunchFailure
    }
  /** Its files are in the page cache: the next load is a warm one. `share` from 0 to 1, where it is known. */
  | { readonly type: 'prefetched'; readonly model: string; readonly share?: number }
