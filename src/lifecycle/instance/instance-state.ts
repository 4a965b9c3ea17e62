import type { LaunchFailure } from './launch-failure.ts'

/**
 * Where an engine's process stands.
 *
 * | phase      | the process                                                     | its memory       |
 * | ---------- | --------------------------------------------------------------- | ---------------- |
 * | `stopped`  | there is none                                                   | free             |
 * | `starting` | gets its port and its log, and is about to run                  | filling          |
 * | `loading`  | runs, or wakes, and does not serve yet                          | filling          |
 * | `ready`    | serves                                                          | full             |
 * | `draining` | serves what it has, and gets nothing new                        | full             |
 * | `sleeping` | runs without its weights; until `isAsleep` it is still at it    | free once asleep |
 * | `stopping` | is being ended, with all that it started                        | full, then free  |
 * | `failed`   | there is none; the last one did not end as anybody wanted       | free             |
 */
export type InstanceState =
  | { readonly phase: 'stopped' }
  | { readonly phase: 'starting' }
  | { readonly phase: 'loading'; readonly from: 'start' | 'sleep' }
  | { readonly phase: 'ready' }
  | ({ readonly phase: 'draining'; readonly aim: 'stop' | 'sleep' } & Wish)
  | ({ readonly phase: 'sleeping'; readonly isAsleep: boolean } & Wish)
  | ({ readonly phase: 'stopping'; readonly outcome: Outcome } & Wish)
  | { readonly phase: 'failed'; readonly failure: LaunchFailure }

export type InstancePhase = InstanceState['phase']

interface Wish {
  /** Somebody has asked for it meanwhile: as soon as it is down it comes up again. */
  readonly isWantedAgain: boolean
}

/** What a stop will have been when it is over. */
export type Outcome =
  | { readonly type: 'stopped'; /** Its process is there, without its weights. */ readonly isAsleep?: true }
  /** It never served. */
  | { readonly type: 'load-failed'; readonly failure: LaunchFailure }
  /** It did, and ended unasked. */
  | { readonly type: 'crashed'; readonly failure: LaunchFailure }

/** What happens to an instance: wishes of its owner, and what became of the actions that follow from them. */
export type InstanceEvent =
  | { readonly type: 'start-wanted' }
  /** `isUrgent`: requests at work are not waited for. */
  | { readonly type: 'stop-wanted'; readonly isUrgent: boolean }
  | { readonly type: 'sleep-wanted' }
  | { readonly type: 'spawned' }
  | { readonly type: 'answered' }
  | { readonly type: 'load-failed'; readonly failure: LaunchFailure }
  | { readonly type: 'exited'; readonly failure: LaunchFailure }
  | { readonly type: 'drained' }
  | { readonly type: 'fell-asleep' }
  | { readonly type: 'sleep-failed' }
  /** Every process is gone and its memory has been seen free. */
  | { readonly type: 'gone' }

/** What is to be done next. Each ends with one of the events, unless the process ends first. */
export type InstanceAction = 'launch' | 'await-ready' | 'drain' | 'fall-asleep' | 'wake' | 'end'

/** What its owner is told. `stopped` also when it sleeps: its memory is free but for what a process keeps. */
export type InstanceReport = { readonly type: 'loaded' } | Outcome
