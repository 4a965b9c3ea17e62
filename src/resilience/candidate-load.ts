import type { Candidate } from '../core/candidate.ts'

/** A candidate with what balancing needs to know of it at this moment. */
export interface CandidateLoad {
  readonly candidate: Candidate
  /** Requests that llmr has in flight there. */
  readonly inFlight: number
  /** Requests it works on at once; absent when nobody says. */
  readonly limit?: number
  /** Share under the weighted policy; above 0. */
  readonly weight: number
  /** Typical time to first byte, as it counts now; absent before the first sample. */
  readonly latencyMs?: number
  /** By its health: false for one that is failing or loading, which is asked only after all others. */
  readonly isAvailable: boolean
}

/** One more request would wait for another to end. */
export function isFull({ inFlight, limit }: CandidateLoad): boolean {
  return limit !== undefined && inFlight >= limit
}

/** It would have to load the model first. One that does not say is taken at its best. */
export function isCold({ candidate }: CandidateLoad): boolean {
  return candidate.description?.isLoaded === false
}
