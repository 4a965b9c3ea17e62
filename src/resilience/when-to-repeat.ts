import type { Candidate } from '../core/candidate.ts'
import type { AttemptPlan, FailedAttempt } from './attempt-plan.ts'
import { admittedInMs, closedBreaker } from './breaker.ts'
import { judgeFailure } from './judge-failure.ts'

export type RepeatAdvice =
  | { readonly isRetryable?: undefined; readonly retryAfterSeconds: number }
  /** Nothing that waiting changes. */
  | { readonly isRetryable: false; readonly retryAfterSeconds?: undefined }

/**
 * When a repeat of a request that nobody served is worth while: at the soonest moment at which any of its candidates
 * may do better than now. Whole seconds, 1 to 30: SDKs obey any number, and somebody is waiting in front of the screen.
 */
export function whenToRepeat(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): RepeatAdvice {
  const candidates = [plan.primary, ...plan.fallbacks].flatMap((choice) => choice.candidates)
  // Backends that have the model may be off, and are looked for all the time.
  if (candidates.length === 0) return { retryAfterSeconds: unknownWaitMs / 1_000 }
  const waitsMs = candidates.flatMap(({ candidate }) => waitMs(plan, failed, candidate, nowMs) ?? [])
  if (waitsMs.length === 0) return { isRetryable: false }
  return { retryAfterSeconds: Math.min(waitMaxSeconds, Math.max(1, Math.ceil(Math.min(...waitsMs) / 1_000))) }
}

const waitMaxSeconds = 30

/** When nothing announces a change: time for another check of a failing backend, or for a trial to be decided. */
const unknownWaitMs = 2_000

function waitMs(
  plan: AttemptPlan,
  failed: readonly FailedAttempt[],
  candidate: Candidate,
  nowMs: number,
): number | undefined {
  const failure = failed.find(({ attempt }) => isSame(attempt.candidate, candidate))?.failure
  if (failure !== undefined && !judgeFailure(failure.causeClass).isWorthRepeating) return undefined
  const breaker = plan.breakerOf(candidate) ?? closedBreaker
  // A trial may hold the door for long, but mostly is decided in a moment.
  const heldBackMs = breaker.phase === 'half-open' ? 0 : admittedInMs(breaker, nowMs)
  const askedMs = (failure?.retryAfterSeconds ?? 0) * 1_000
  return Math.max(heldBackMs, askedMs) || unknownWaitMs
}

function isSame(one: Candidate, other: Candidate): boolean {
  return one.backend === other.backend && one.model === other.model
}
