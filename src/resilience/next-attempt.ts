import type { Candidate } from '../core/candidate.ts'
import type { LlmrError } from '../core/error.ts'
import type { Attempt, AttemptPlan, FailedAttempt } from './attempt-plan.ts'
import { admits, admitsAsLastResort, closedBreaker } from './breaker.ts'
import type { BreakerState } from './breaker.ts'
import type { CandidateLoad } from './candidate-load.ts'
import { exhaustedError } from './exhausted-error.ts'
import { judgeFailure } from './judge-failure.ts'
import { killsEngines } from './kills-engines.ts'

export type AttemptStep =
  | { readonly type: 'try'; readonly attempt: Attempt }
  /** Nothing is left to try. The error is the client's answer. */
  | { readonly type: 'stop'; readonly error: LlmrError }

/**
 * The next backend to ask for a request, given all that failed so far, oldest first; it ends after
 * `plan.maxAttempts` failures at the latest. Report each failure to the breaker before asking for the next step.
 *
 * 1. Stop when another attempt cannot help: part of a reply is out, the request itself is at fault, the number of
 *    attempts is used up, or the request seems to kill engines.
 * 2. The best candidate that is well, for the model asked for, then for each fallback model.
 * 3. One that is failing or loading: a refused connection costs a millisecond, and it may just have come back.
 * 4. If nothing was tried, because every breaker is open: one whose breaker makes an exception for a last resort.
 *
 * Never the same model on the same backend twice, nor another model on a backend that was just found unreachable.
 */
export function nextAttempt(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): AttemptStep {
  const isOpen = (state: BreakerState): boolean => admits(state, nowMs)
  const isOpenAsLastResort = (state: BreakerState): boolean => admitsAsLastResort(state, nowMs)
  const attempt = isOver(plan, failed)
    ? undefined
    : (find(plan, failed, ({ isAvailable }, breaker) => isAvailable && isOpen(breaker)) ??
      find(plan, failed, (_, breaker) => isOpen(breaker)) ??
      (failed.length === 0 ? find(plan, failed, (_, breaker) => isOpenAsLastResort(breaker)) : undefined))
  return attempt ? { type: 'try', attempt } : { type: 'stop', error: exhaustedError(plan, failed, nowMs) }
}

function isOver(plan: AttemptPlan, failed: readonly FailedAttempt[]): boolean {
  const last = failed.at(-1)
  if (last === undefined) return false
  if (failed.length >= plan.maxAttempts || last.hasReplyBegun || killsEngines(failed)) return true
  return !judgeFailure(last.failure.causeClass).isRetryable && last.failure.overflow === undefined
}

function find(
  plan: AttemptPlan,
  failed: readonly FailedAttempt[],
  accepts: (load: CandidateLoad, breaker: BreakerState) => boolean,
): Attempt | undefined {
  for (const { model, candidates } of [plan.primary, ...plan.fallbacks]) {
    for (const load of candidates) {
      const { candidate } = load
      if (isSpent(candidate, failed)) continue
      if (accepts(load, plan.breakerOf(candidate) ?? closedBreaker)) return { model, candidate }
    }
  }
  return undefined
}

function isSpent(candidate: Candidate, failed: readonly FailedAttempt[]): boolean {
  return failed.some(({ attempt, failure }) => {
    const tried = attempt.candidate
    if (failure.overflow && !isRoomier(candidate, failure.overflow.contextLength ?? contextOf(tried))) return true
    if (tried.backend !== candidate.backend) return false
    return tried.model === candidate.model || judgeFailure(failure.causeClass).coversBackend
  })
}

/** Known to hold more than what was too short; a guess would cost the client a second wait. */
function isRoomier(candidate: Candidate, tooShort: number | undefined): boolean {
  const length = contextOf(candidate)
  return length !== undefined && tooShort !== undefined && length > tooShort
}

function contextOf({ description }: Candidate): number | undefined {
  return description?.contextLength
}
