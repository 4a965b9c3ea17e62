import type { Candidate } from '../core/candidate.ts'
import { LlmrError } from '../core/error.ts'
import type { ErrorFacts } from '../core/error.ts'
import type { AttemptPlan, FailedAttempt } from './attempt-plan.ts'
import { admits, admittedInMs, closedBreaker } from './breaker.ts'
import { judgeFailure } from './judge-failure.ts'
import { killsEngines } from './kills-engines.ts'

/**
 * What the client hears when no backend served its request. One failure speaks for itself, and so does one that no
 * other backend could have changed; several become `no_backend_available`, which says what was tried.
 *
 * A repeat is timed to the soonest moment at which something may have changed; where nothing can, it is advised against.
 */
export function exhaustedError(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): LlmrError {
  const last = failed.at(-1)
  if (last === undefined) return nobodyError(plan, failed, nowMs)
  if (killsEngines(failed)) return deadlyError(failed)
  if (failed.length === 1 || isLastWord(last) || failed.every(isUnknownModel))
    return ownError(plan, failed, last, nowMs)
  return nobodyError(plan, failed, nowMs)
}

/** SDKs obey any number, and somebody is waiting in front of the screen. */
const retryAfterMaxSeconds = 30

/** When nothing announces a change: time for another check of a failing backend, or for a trial that is out. */
const retryAfterUnknownMs = 2_000

/** Keeps the message readable with a large fleet. */
const mentionsMax = 6

function isLastWord({ failure }: FailedAttempt): boolean {
  return failure.hasReplyBegun === true || !judgeFailure(failure.cause).isRetryable
}

function isUnknownModel({ failure }: FailedAttempt): boolean {
  return failure.cause === 'no_such_model'
}

function ownError(
  plan: AttemptPlan,
  failed: readonly FailedAttempt[],
  { failure }: FailedAttempt,
  nowMs: number,
): LlmrError {
  const { clientCode, isWorthRepeating } = judgeFailure(failure.cause)
  if (failure.isContextOverflow)
    return new LlmrError('context_length_exceeded', failure.message, { isRetryable: false })
  if (!isWorthRepeating) {
    const status = clientCode === 'backend_rejected' ? failure.status : undefined
    return new LlmrError(clientCode, failure.message, { status, isRetryable: false })
  }
  return new LlmrError(clientCode, failure.message, repeatFacts(plan, failed, nowMs))
}

function deadlyError(failed: readonly FailedAttempt[]): LlmrError {
  const where = failed.map(({ attempt }) => attempt.candidate.backend).join(', ')
  return new LlmrError(
    'backend_failed',
    `Every backend that got this request closed the connection before it replied (${where}), so it was not sent to ` +
      'another: something in it may crash the engine. The log of the engine has the reason.',
    { isRetryable: false },
  )
}

function nobodyError(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): LlmrError {
  const facts = repeatFacts(plan, failed, nowMs)
  const reasons = [...failed.map((attempt) => whatFailed(plan, attempt)), ...whatIsHeldBack(plan, failed, nowMs)]
  const mentioned = reasons.slice(0, mentionsMax)
  if (reasons.length > mentionsMax) mentioned.push(`${reasons.length - mentionsMax} more could not either`)
  const why = mentioned.length === 0 ? 'no backend has it' : mentioned.join('; ')
  const next =
    facts.retryAfterSeconds === undefined
      ? 'A repeat will not help; `llmr backends list` shows what is wrong.'
      : `Try again in ${facts.retryAfterSeconds} s; \`llmr backends list\` shows the state of each.`
  return new LlmrError('no_backend_available', `No backend could serve "${plan.primary.model}": ${why}. ${next}`, facts)
}

function whatFailed(plan: AttemptPlan, { attempt, failure }: FailedAttempt): string {
  const asFallback = attempt.model === plan.primary.model ? '' : ` (for "${attempt.model}")`
  return `${attempt.candidate.backend}${asFallback} ${judgeFailure(failure.cause).words}`
}

function whatIsHeldBack(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): readonly string[] {
  return candidatesOf(plan)
    .filter((candidate) => !failed.some(({ attempt }) => isSame(attempt.candidate, candidate)))
    .flatMap((candidate) => {
      const breaker = plan.breakerOf(candidate) ?? closedBreaker
      if (admits(breaker, nowMs) || breaker.cause === undefined) return []
      return [`${candidate.backend} is held back since it ${judgeFailure(breaker.cause).words}`]
    })
}

/** When a repeat is worth while: at the soonest moment at which any candidate may do better than now. */
function repeatFacts(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): ErrorFacts {
  const candidates = candidatesOf(plan)
  const waitsMs = candidates.flatMap((candidate) => waitMs(plan, failed, candidate, nowMs) ?? [])
  if (candidates.length > 0 && waitsMs.length === 0) return { isRetryable: false }
  const soonestMs = Math.min(...waitsMs, retryAfterMaxSeconds * 1_000)
  return { retryAfterSeconds: Math.max(1, Math.ceil(soonestMs / 1_000)) }
}

function waitMs(
  plan: AttemptPlan,
  failed: readonly FailedAttempt[],
  candidate: Candidate,
  nowMs: number,
): number | undefined {
  const failure = failed.find(({ attempt }) => isSame(attempt.candidate, candidate))?.failure
  if (failure !== undefined && !judgeFailure(failure.cause).isWorthRepeating) return undefined
  const breaker = plan.breakerOf(candidate) ?? closedBreaker
  // A trial holds the door for as long as it may take, but is mostly decided in a moment.
  const heldBackMs = breaker.phase === 'half-open' ? 0 : admittedInMs(breaker, nowMs)
  return Math.max(heldBackMs, (failure?.retryAfterSeconds ?? 0) * 1_000) || retryAfterUnknownMs
}

function candidatesOf({ primary, fallbacks }: AttemptPlan): readonly Candidate[] {
  return [primary, ...fallbacks].flatMap(({ candidates }) => candidates.map(({ candidate }) => candidate))
}

function isSame(one: Candidate, other: Candidate): boolean {
  return one.backend === other.backend && one.model === other.model
}
