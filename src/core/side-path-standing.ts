/** What happens after replies, as counts since the start of this process; for metrics. */
export interface SidePathStanding {
  readonly published: number
  readonly spoolBytes: number
  /** Events in the spool that have not been sent. */
  readonly spoolWaiting: number
  readonly droppedTurns: number
  readonly droppedLineage: number
}
