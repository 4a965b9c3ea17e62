import type { Lane } from '../lane.ts'

/** One request that waits. */
export interface Waiter {
  readonly requestId: string
  readonly model: string
  readonly lane: Lane
  readonly principal: string
  /** The caller's weight: its principal's share of turns. */
  readonly weight: number
  /** What its waiting counts: the caller's weight, its model's and its lane's. */
  readonly waitWeight: number
  readonly arrivedAtMs: number
  readonly deadlineMs: number
  readonly isLoadOnly: boolean
  /** Grows with each arrival: the order of those that came in the same millisecond. */
  readonly sequence: number
}
