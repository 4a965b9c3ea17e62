import type { CandidateLoad } from '../candidate-load.ts'

/**
 * Puts candidates of like standing in order: the first is the choice, the rest is where the request goes if that one
 * fails. Gives back each exactly once; decides by its arguments alone.
 */
export type Policy = (candidates: readonly CandidateLoad[], context: PolicyContext) => readonly CandidateLoad[]

export interface PolicyContext {
  /** Whole number that grows by one with each request for this model. One counter for each model, or two models that are asked for in turn would each see every second number only. */
  readonly turn: number
  /** Draws from [0, 1). */
  readonly random: () => number
  /** Requests with the same key want the same backend, where their prompt is still in the cache. */
  readonly affinityKey?: string
}
