import { errorStatus, LlmrError } from '../core/error.ts'
import type { AttemptFailure, AttemptPlan, FailedAttempt } from './attempt-plan.ts'
import { admits, closedBreaker } from './breaker.ts'
import { judgeFailure } from './judge-failure.ts'
import { isDeath, killsEngines } from './kills-engines.ts'
import { whenToRepeat } from './when-to-repeat.ts'

/**
 * What the client hears when no backend served its request. One failure speaks for itself, and so does one that no
 * other backend could have changed; several become `no_backend_available`, which says what was tried.
 */
export function exhaustedError(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): LlmrError {
  const last = failed.at(-1)
  if (killsEngines(failed)) return deadlyError(failed)
  if (last !== undefined && (failed.length === 1 || isLastWord(last) || failed.every(isUnknownModel))) {
    return ownError(plan, failed, last, nowMs)
  }
  return nobodyError(plan, failed, nowMs)
}

/** Keeps the message readable with a large fleet. */
const mentionsMax = 6

function deadlyError(failed: readonly FailedAttempt[]): LlmrError {
  const where = failed.filter(isDeath).map(({ attempt }) => attempt.candidate.backend)
  return new LlmrError(
    'backend_failed',
    `${where.join(' and ')} closed the connection over this request, so it was not sent to another backend: something ` +
      "in it may crash the engine. The engine's own log has the reason.",
    { isRetryable: false },
  )
}

function isLastWord({ failure, hasReplyBegun }: FailedAttempt): boolean {
  return hasReplyBegun === true || !judgeFailure(failure.causeClass).isRetryable
}

function isUnknownModel({ failure }: FailedAttempt): boolean {
  return failure.causeClass === 'no_such_model'
}

function ownError(
  plan: AttemptPlan,
  failed: readonly FailedAttempt[],
  { failure }: FailedAttempt,
  nowMs: number,
): LlmrError {
  const { clientCode, isWorthRepeating } = judgeFailure(failure.causeClass)
  if (failure.overflow) return overflowError(failure)
  if (failure.status === errorStatus.hop_loop) return loopError(failure)
  if (clientCode === 'backend_rejected') return rejectedError(failure)
  const facts = isWorthRepeating ? whenToRepeat(plan, failed, nowMs) : { isRetryable: false }
  return new LlmrError(clientCode, failure.message, facts)
}

/** The figures are for the dialect, which has the words by which its clients recognise this. */
function overflowError({ overflow, engineMessage, message }: AttemptFailure): LlmrError {
  return new LlmrError('context_length_exceeded', engineMessage ?? message, { isRetryable: false, overflow })
}

/** Another llmr has seen this request before. All along the chain it is told as what it is, or nobody finds the circle. */
function loopError({ engineMessage, message }: AttemptFailure): LlmrError {
  return new LlmrError('hop_loop', engineMessage ?? message, { isRetryable: false })
}

/** In the engine's words and with its status: whoever wrote the request has to mend it. */
function rejectedError({ engineMessage, message, status }: AttemptFailure): LlmrError {
  return new LlmrError('backend_rejected', engineMessage ?? message, { status, isRetryable: false })
}

function nobodyError(plan: AttemptPlan, failed: readonly FailedAttempt[], nowMs: number): LlmrError {
  const facts = whenToRepeat(plan, failed, nowMs)
  const reasons = [...failed.map((attempt) => whatFailed(plan, attempt)), ...whatIsHeldBack(plan, failed, nowMs)]
  const more = reasons.length > mentionsMax ? [`${reasons.length - mentionsMax} more could not either`] : []
  const why = reasons.length === 0 ? 'no backend has it' : [...reasons.slice(0, mentionsMax), ...more].join('; ')
  const next =
    facts.isRetryable === false
      ? 'A repeat will not help; `llmr backends list` shows what is wrong.'
      : `Try again in ${facts.retryAfterSeconds} s; \`llmr backends list\` shows the state of each.`
  return new LlmrError('no_backend_available', `No backend could serve "${plan.primary.model}": ${why}. ${next}`, facts)
}

function whatFailed(plan: AttemptPlan, { attempt, failure }: FailedAttempt): string {
  const asFallback = attempt.model === plan.primary.model ? '' : ` (for "${attempt.model}")`
  return `${attempt.candidate.backend}${asFallback} ${judgeFailure(failure.causeClass).words}`
}

function whatIsHeldBack(
  { primary, fallbacks, breakerOf }: AttemptPlan,
  failed: readonly FailedAttempt[],
  nowMs: number,
): readonly string[] {
  const tried = new Set(failed.map(({ attempt }) => attempt.candidate.backend))
  const heldBack = [primary, ...fallbacks]
    .flatMap(({ candidates }) => candidates)
    .filter(({ candidate }) => !tried.has(candidate.backend))
    .flatMap(({ candidate }) => {
      const breaker = breakerOf(candidate) ?? closedBreaker
      if (admits(breaker, nowMs) || breaker.cause === undefined) return []
      return [`${candidate.backend} is held back since it ${judgeFailure(breaker.cause).words}`]
    })
  return [...new Set(heldBack)]
}
