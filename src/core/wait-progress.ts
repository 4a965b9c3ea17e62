/** How a stream that waits for its model is told how far it is; `off`: not at all, but for the usual signs of life. */
export const loadingStates = ['off', 'comment', 'reasoning', 'status'] as const

export type LoadingState = (typeof loadingStates)[number]

/** How far one request is that waits for its model. */
export interface WaitProgress {
  /** What is waited for, as the operator named it. */
  readonly model: string
  readonly phase: WaitPhase
  /** Among those who wait for the same model; 1 is next. */
  readonly position: number
  readonly waitedMs: number
  /** Until it should start, in milliseconds; an estimate that is often too long, seldom too short. */
  readonly withinMs: number
}

export type WaitPhase =
  /** Other models are in the memory it needs. */
  | 'queued'
  /** They end what they have in hand, and go. */
  | 'making-room'
  | 'loading'
  /** It is loaded, and works on as many requests as it can. */
  | 'busy'
  /** The wait is over. */
  | 'ready'
