import type { WorkerCounter } from './worker-definition.ts'

/** What happens after replies, as counts since the start of this process; for metrics. */
export interface SidePathStanding {
  readonly published: number
  readonly spoolBytes: number
  /** Events in the spool that have not been sent. */
  readonly spoolWaiting: number
  /** These, and those that were sent and are not known to have been worked on. */
  readonly spoolUnsettled: number
  /** How long the oldest of them has been there; 0 when there is none. */
  readonly spoolOldestMs: number
  readonly droppedTurns: number
  readonly droppedLineage: number
  /** Of the workers that this process runs itself. */
  readonly counters: readonly WorkerCounter[]
}

/** What an operator is told of the spool of one gateway. */
export interface SpoolStanding {
  /** Events that are not known to have been worked on. */
  readonly entries: number
  /** Of these, not sent. */
  readonly waiting: number
  /** Of its files. */
  readonly bytes: number
  /** How long the oldest has been there; absent when there is none. */
  readonly oldestMs?: number
  /** Since the gateway began; absent where none runs. */
  readonly dropped?: { readonly turns: number; readonly lineage: number }
}
