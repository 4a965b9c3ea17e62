import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import type { FailureCause } from '../../src/core/backend.ts'
import type { AttemptPlan, FailedAttempt } from '../../src/resilience/attempt-plan.ts'
import type { BreakerState } from '../../src/resilience/breaker.ts'
import { whenToRepeat } from '../../src/resilience/when-to-repeat.ts'
import { load } from './candidate-loads.ts'

const plan = (breakers: Readonly<Record<string, BreakerState>>): AttemptPlan => ({
  primary: { model: 'asked', candidates: Object.keys(breakers).map((name) => load(name)) },
  fallbacks: [],
  maxAttempts: 3,
  breakerOf: ({ backend }) => breakers[backend],
})

const closed: BreakerState = { phase: 'closed', failures: 0, openings: 0 }
const openUntil = (lastResortAtMs: number): BreakerState => ({
  phase: 'open',
  openings: 1,
  cause: 'refused',
  untilMs: 300_000,
  lastResortAtMs,
})
const failedOn = (backend: string, causeClass: FailureCause, retryAfterSeconds?: number): FailedAttempt => ({
  attempt: { model: 'asked', candidate: load(backend).candidate },
  failure: { causeClass, message: '', retryAfterSeconds },
})

test('a repeat is timed to the breaker that lets a trial through first, rounded up', () => {
  const of = plan({ a: openUntil(9_000), b: openUntil(7_300) })
  expect(whenToRepeat(of, [], 1_000)).toEqual({ retryAfterSeconds: 7 })
})

test('a backend that asks for time gets it, unless another is ready sooner', () => {
  const busy = failedOn('a', 'busy', 12)
  expect(whenToRepeat(plan({ a: closed }), [busy], 0)).toEqual({ retryAfterSeconds: 12 })
  expect(whenToRepeat(plan({ a: closed, b: openUntil(5_000) }), [busy], 0)).toEqual({ retryAfterSeconds: 5 })
})

test('the later of the two counts when one backend has both', () => {
  expect(whenToRepeat(plan({ a: openUntil(5_000) }), [failedOn('a', 'busy', 12)], 0)).toEqual({ retryAfterSeconds: 12 })
})

test('a trial that is out is decided soon', () => {
  const trialOut: BreakerState = {
    phase: 'half-open',
    openings: 1,
    cause: 'refused',
    trial: 'x',
    trialUntilMs: 600_000,
  }
  expect(whenToRepeat(plan({ a: trialOut }), [], 0)).toEqual({ retryAfterSeconds: 2 })
})

test('when every backend failed in a way that waiting cannot change, a repeat is advised against', () => {
  const failed = [failedOn('a', 'unauthorized'), failedOn('b', 'no_such_model')]
  expect(whenToRepeat(plan({ a: closed, b: closed }), failed, 0)).toEqual({ isRetryable: false })
})

test('advice is between one second and thirty, so that no client sleeps for minutes', () => {
  const breaker = fc.option(fc.nat(1_000_000).map(openUntil), { nil: closed })
  const failure = fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom(...failureCauses), fc.nat(10_000))
  fc.assert(
    fc.property(breaker, breaker, fc.array(failure, { maxLength: 2 }), (a, b, failures) => {
      const failed = failures.map(([backend, cause, seconds]) => failedOn(backend, cause, seconds))
      const { retryAfterSeconds = 1 } = whenToRepeat(plan({ a, b }), failed, 0)
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(1)
      expect(retryAfterSeconds).toBeLessThanOrEqual(30)
      expect(retryAfterSeconds).toBe(Math.trunc(retryAfterSeconds))
    }),
  )
})
