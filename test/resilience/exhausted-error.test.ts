import { describe, expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import type { FailureCause } from '../../src/core/backend.ts'
import { errorStatus } from '../../src/core/error.ts'
import type { AttemptFailure, AttemptPlan, FailedAttempt } from '../../src/resilience/attempt-plan.ts'
import type { BreakerState } from '../../src/resilience/breaker.ts'
import { exhaustedError } from '../../src/resilience/exhausted-error.ts'
import { judgeFailure } from '../../src/resilience/judge-failure.ts'
import { load } from './candidate-loads.ts'

const backends = ['gpu-1', 'gpu-2', 'gpu-3']

const plan = (breakers: Readonly<Record<string, BreakerState>> = {}): AttemptPlan => ({
  primary: { model: 'qwen3', candidates: backends.map((name) => load(name)) },
  fallbacks: [{ model: 'small', candidates: [load('box')] }],
  maxAttempts: 10,
  breakerOf: ({ backend }) => breakers[backend],
})

const failure = (causeClass: FailureCause, facts: Partial<AttemptFailure> = {}): AttemptFailure => ({
  causeClass,
  message: `what ${causeClass} means and what to do`,
  ...facts,
})

const failedOn = (backend: string, how: AttemptFailure, model = 'qwen3'): FailedAttempt => ({
  attempt: { model, candidate: load(backend).candidate },
  failure: how,
})

describe('one failure', () => {
  test('is told with its own code, status and words', () => {
    for (const cause of failureCauses) {
      const error = exhaustedError(plan(), [failedOn('gpu-1', failure(cause))], 0)
      const { clientCode, isWorthRepeating } = judgeFailure(cause)
      expect(error).toMatchObject({ code: clientCode, status: errorStatus[clientCode] })
      expect(error.message).toBe(`what ${cause} means and what to do`)
      expect(error.facts.isRetryable).toBe(isWorthRepeating ? undefined : false)
    }
  })

  test('a rejection keeps the status and the words of the engine', () => {
    const rejected = failure('rejected', { status: 422, engineMessage: 'tools must be an array' })
    const error = exhaustedError(plan(), [failedOn('gpu-1', failure('busy')), failedOn('gpu-2', rejected)], 0)
    expect(error).toMatchObject({ code: 'backend_rejected', status: 422, message: 'tools must be an array' })
    expect(error.facts.isRetryable).toBe(false)
  })
})

describe('a prompt that is too long', () => {
  const told = (overflow: AttemptFailure['overflow'], engineMessage?: string) =>
    exhaustedError(plan(), [failedOn('gpu-1', failure('rejected', { status: 500, overflow, engineMessage }))], 0)

  test('is told with both numbers, for the dialect to put into words', () => {
    expect(told({ promptTokens: 40_000, contextLength: 32_768 })).toMatchObject({
      code: 'context_length_exceeded',
      status: 400,
      facts: { overflow: { promptTokens: 40_000, contextLength: 32_768 }, isRetryable: false },
    })
  })

  test("keeps the engine's words where numbers are missing", () => {
    expect(told({}, 'input is too large').message).toBe('input is too large')
  })
})

describe('several failures', () => {
  const failed = [
    failedOn('gpu-1', failure('refused')),
    failedOn('gpu-2', failure('server_error')),
    failedOn('box', failure('busy', { retryAfterSeconds: 4 }), 'small'),
  ]

  test('become a 503 that says what was tried and why nothing served (N4.13)', () => {
    const error = exhaustedError(plan({ 'gpu-3': openBreaker('slow_first_byte') }), failed, 0)
    expect(error).toMatchObject({ code: 'no_backend_available', status: 503 })
    expect(error.message).toBe(
      'No backend could serve "qwen3": gpu-1 refused the connection; gpu-2 answered with a server error; ' +
        'box (for "small") is busy; gpu-3 is held back since it sent no reply in time. ' +
        'Try again in 2 s; `llmr backends list` shows the state of each.',
    )
  })

  test('of a model that no backend knows stay a 404', () => {
    const unknown = ['gpu-1', 'gpu-2'].map((backend) => failedOn(backend, failure('no_such_model')))
    expect(exhaustedError(plan(), unknown, 0)).toMatchObject({ code: 'model_not_found', status: 404 })
  })

  test('of engines that died advise against a repeat, which would kill them again', () => {
    const deaths = ['gpu-1', 'gpu-2'].map((backend) => failedOn(backend, failure('died_before_reply')))
    const error = exhaustedError(plan(), [...deaths, failedOn('gpu-3', failure('busy'))], 0)
    expect(error).toMatchObject({ code: 'backend_failed', status: 502, facts: { isRetryable: false } })
    expect(error.message).toContain('gpu-1 and gpu-2 closed the connection')
    expect(error.message).not.toContain('gpu-3')
  })

  test('are summed up when they are many', () => {
    const many = Array.from({ length: 9 }, (_, index) => failedOn(`b${index}`, failure('busy')))
    const { message } = exhaustedError(plan(), many, 0)
    expect(message).toContain('b5 is busy; 3 more could not either.')
    expect(message).not.toContain('b6')
  })

  test('that waiting cannot change advise against a repeat', () => {
    const lone = { ...plan(), primary: { model: 'qwen3', candidates: [load('gpu-1'), load('gpu-2')] }, fallbacks: [] }
    const wrongKeys = ['gpu-1', 'gpu-2'].map((backend) => failedOn(backend, failure('unauthorized')))
    const error = exhaustedError(lone, wrongKeys, 0)
    expect(error).toMatchObject({ code: 'no_backend_available', facts: { isRetryable: false } })
    expect(error.message).toContain('A repeat will not help')
  })
})

test('when nothing was tried, it says who is held back, and why', () => {
  const all = { 'gpu-1': openBreaker('refused'), 'gpu-2': openBreaker('tls'), 'gpu-3': openBreaker('idle') }
  const error = exhaustedError(plan({ ...all, box: openBreaker('server_error') }), [], 0)
  expect(error).toMatchObject({ code: 'no_backend_available', facts: { retryAfterSeconds: 10 } })
  expect(error.message).toContain('gpu-1 is held back since it refused the connection')
  expect(error.message).toContain('box is held back since it answered with a server error')
})

test('each backend is named once, and none that was not asked although it was free', () => {
  const doubted: BreakerState = { phase: 'closed', failures: 1, openings: 0, cause: 'idle' }
  const twice = { model: 'small', candidates: [load('gpu-2', { model: 'small' }), load('box'), load('free')] }
  const breakers = {
    'gpu-1': openBreaker('refused'),
    'gpu-2': openBreaker('refused'),
    box: openBreaker('idle'),
    free: doubted,
  }
  const of = { ...plan(breakers), fallbacks: [twice, twice] }
  const failed = [failedOn('gpu-1', failure('refused')), failedOn('gpu-3', failure('busy'))]
  expect(exhaustedError(of, failed, 0).message).toBe(
    'No backend could serve "qwen3": gpu-1 refused the connection; gpu-3 is busy; ' +
      'gpu-2 is held back since it refused the connection; ' +
      'box is held back since it fell silent in the middle of a reply. ' +
      'Try again in 2 s; `llmr backends list` shows the state of each.',
  )
})

test('when no backend has the model, it says so', () => {
  const empty = { ...plan(), primary: { model: 'qwen3', candidates: [] }, fallbacks: [] }
  const { message } = exhaustedError(empty, [], 0)
  expect(message).toBe(
    'No backend could serve "qwen3": no backend has it. Try again in 2 s; `llmr backends list` shows the state of each.',
  )
})

function openBreaker(cause: FailureCause): BreakerState {
  return { phase: 'open', openings: 1, cause, untilMs: 20_000, lastResortAtMs: 10_000 }
}
