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
  /** Where the model stands there; absent where nobody tells. */
  readonly place?: PlaceForecast
}

/** What lies between a request and its turn at one place. */
export interface PlaceForecast {
  /** Milliseconds until the model is in memory; 0 when it is. */
  readonly untilLoadedMs: number
  /** This request would be the one that brings it in. */
  readonly mustLoad: boolean
  /** Requests at work or waiting there for this model. */
  readonly ahead: number
  readonly slots: number
  /** Typical milliseconds of one request. */
  readonly serviceMs: number
}

/** One more request would wait for another to end. */
export function isFull({ inFlight, limit }: CandidateLoad): boolean {
  return limit !== undefined && inFlight >= limit
}

/** It would have to load the model first. One that does not say is taken at its best. */
export function isCold({ candidate }: CandidateLoad): boolean {
  return candidate.description?.isLoaded === false
}
