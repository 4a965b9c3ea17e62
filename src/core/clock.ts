/** Time, handed in, so that what decides by time can be tested without waiting. */
export interface Clock {
  /** Milliseconds since the epoch; for stamps that people read. May jump. */
  readonly now: () => number
  /** Milliseconds from an arbitrary start, never backwards; for every duration and deadline. */
  readonly monotonic: () => number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
