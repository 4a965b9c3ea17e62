import type { FailureCause } from '../core/backend.ts'
import type { Candidate } from '../core/candidate.ts'
import type { BreakerState } from './breaker.ts'
import type { CandidateLoad } from './candidate-load.ts'

/** Where one request may go, made once when it is routed. What has failed so far is kept beside it, as a list. */
export interface AttemptPlan {
  /** The model asked for. */
  readonly primary: ModelChoice
  /** Models to try after it, in order. */
  readonly fallbacks: readonly ModelChoice[]
  /** Backends asked in all, the first included. */
  readonly maxAttempts: number
  /** The breaker of a pair as it is now; nothing when it never failed. Asked anew before each attempt. */
  readonly breakerOf: (candidate: Candidate) => BreakerState | undefined
}

export interface ModelChoice {
  /** The catalogue's name, as clients know it. */
  readonly model: string
  /** Best first. */
  readonly candidates: readonly CandidateLoad[]
}

export interface Attempt {
  /** The catalogue's name of the model that is tried: another than the client's once a fallback model has its turn. */
  readonly model: string
  readonly candidate: Candidate
}

/** What must be known of how an attempt failed; a `BackendFailure` is one. */
export interface AttemptFailure {
  readonly causeClass: FailureCause
  /** What happened and what to do, for the client in case this is the last word: no secret, no prompt of others. */
  readonly message: string
  /** What the engine said, if it said something about the request. */
  readonly engineMessage?: string
  /** The engine's own status, if it sent one. */
  readonly status?: number
  readonly retryAfterSeconds?: number
  /** The prompt did not fit the context: only a candidate with a larger one could take it. Counted in tokens. */
  readonly overflow?: { readonly promptTokens?: number; readonly contextLength?: number }
}

export interface FailedAttempt {
  readonly attempt: Attempt
  readonly failure: AttemptFailure
  /** Part of the reply is with the client already, so nobody else can take over. */
  readonly hasReplyBegun?: boolean
}
