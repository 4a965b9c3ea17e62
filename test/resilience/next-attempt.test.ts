import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import type { FailureCause } from '../../src/core/backend.ts'
import type { AttemptFailure, AttemptPlan, FailedAttempt } from '../../src/resilience/attempt-plan.ts'
import { breakerAfter, closedBreaker } from '../../src/resilience/breaker.ts'
import type { BreakerState } from '../../src/resilience/breaker.ts'
import type { CandidateLoad } from '../../src/resilience/candidate-load.ts'
import { judgeFailure } from '../../src/resilience/judge-failure.ts'
import { nextAttempt } from '../../src/resilience/next-attempt.ts'
import { load } from './candidate-loads.ts'

interface PlanFacts extends Partial<Omit<AttemptPlan, 'breakerOf' | 'primary'>> {
  readonly breakers?: Readonly<Record<string, BreakerState>>
}

function plan(candidates: readonly CandidateLoad[], { breakers = {}, ...facts }: PlanFacts = {}): AttemptPlan {
  return {
    primary: { model: 'asked', candidates },
    fallbacks: [],
    maxAttempts: 3,
    breakerOf: ({ backend }) => breakers[backend],
    ...facts,
  }
}

/** Asks for attempts and lets each fail in the given way, until there are no more ways or no more attempts. */
function failAll(of: AttemptPlan, failures: readonly Partial<AttemptFailure>[], nowMs = 0) {
  const failed: FailedAttempt[] = []
  let step = nextAttempt(of, failed, nowMs)
  for (const failure of failures) {
    if (step.type === 'stop') break
    failed.push({ attempt: step.attempt, failure: { causeClass: 'server_error', message: 'it failed', ...failure } })
    step = nextAttempt(of, failed, nowMs)
  }
  const tried = failed.map(({ attempt }) => `${attempt.candidate.backend}/${attempt.candidate.model}`)
  return { tried, failed, step }
}

const causes = (...all: readonly FailureCause[]): readonly Partial<AttemptFailure>[] =>
  all.map((causeClass) => ({ causeClass }))

const openBreaker = (untilMs: number): BreakerState => ({
  phase: 'open',
  openings: 1,
  cause: 'refused',
  untilMs,
  lastResortAtMs: Math.min(untilMs, 10_000),
})

describe('the order of attempts', () => {
  test('candidates are asked best first, each once, and then it is over', () => {
    const { tried, step } = failAll(plan([load('a'), load('b')]), causes('server_error', 'server_error'))
    expect(tried).toEqual(['a/m', 'b/m'])
    expect(step.type).toBe('stop')
  })

  test('the chain goes on to fallback models: main machine, cloud, small box (N4.13)', () => {
    const chain = plan([load('main')], {
      fallbacks: [
        { model: 'cloud-model', candidates: [load('cloud', { model: 'large' })] },
        { model: 'small-model', candidates: [load('box', { model: 'small' })] },
      ],
    })
    const { tried, failed } = failAll(chain, causes('refused', 'busy', 'server_error'))
    expect(tried).toEqual(['main/m', 'cloud/large', 'box/small'])
    expect(failed.map(({ attempt }) => attempt.model)).toEqual(['asked', 'cloud-model', 'small-model'])
  })

  test('no more backends are asked than max_attempts', () => {
    const { tried } = failAll(
      plan([load('a'), load('b'), load('c')], { maxAttempts: 2 }),
      causes('busy', 'busy', 'busy'),
    )
    expect(tried).toEqual(['a/m', 'b/m'])
  })

  test('a fallback that is well goes before a candidate that is failing, which is tried last all the same', () => {
    const mixed = plan([load('off', { isAvailable: false }), load('on')], {
      fallbacks: [{ model: 'other', candidates: [load('cloud')] }],
    })
    expect(failAll(mixed, causes('busy', 'busy', 'refused')).tried).toEqual(['on/m', 'cloud/m', 'off/m'])
  })

  test('the only backend is tried although its checks fail: it may have come back a moment ago', () => {
    const step = nextAttempt(plan([load('only', { isAvailable: false })]), [], 0)
    expect(step).toMatchObject({ type: 'try', attempt: { candidate: { backend: 'only' } } })
  })
})

describe('what is spared', () => {
  const twoModelsOnOne = plan([load('gpu', { model: 'large' })], {
    fallbacks: [{ model: 'other', candidates: [load('gpu', { model: 'small' }), load('cloud', { model: 'x' })] }],
  })

  test('a backend that refused the connection is not asked for its other model', () => {
    expect(failAll(twoModelsOnOne, causes('refused', 'busy')).tried).toEqual(['gpu/large', 'cloud/x'])
  })

  test('one that failed with this model is asked for another', () => {
    expect(failAll(twoModelsOnOne, causes('server_error', 'busy')).tried).toEqual(['gpu/large', 'gpu/small'])
  })

  test('a pair that a fallback model names again is not asked again', () => {
    const twice = plan([load('a')], { fallbacks: [{ model: 'alias', candidates: [load('a'), load('b')] }] })
    expect(failAll(twice, causes('server_error', 'server_error')).tried).toEqual(['a/m', 'b/m'])
  })

  test('after the first byte nobody else is asked, whatever the cause', () => {
    const { attempt } = failAll(plan([load('a'), load('b')]), causes('idle')).failed[0]!
    for (const causeClass of failureCauses) {
      const failed = [{ attempt, failure: { causeClass, message: 'cut' }, hasReplyBegun: true }]
      expect(nextAttempt(plan([load('a'), load('b')]), failed, 0).type).toBe('stop')
    }
  })

  test('a request that the engine rejects is not sent to another', () => {
    expect(failAll(plan([load('a'), load('b')]), causes('rejected', 'busy')).tried).toEqual(['a/m'])
  })

  test('a request on which two engines died is not handed to a third', () => {
    const fleet = plan(
      ['a', 'b', 'c', 'd'].map((name) => load(name)),
      { maxAttempts: 10 },
    )
    const dying = causes('died_before_reply', 'busy', 'died_mid_stream', 'busy')
    expect(failAll(fleet, dying).tried).toEqual(['a/m', 'b/m', 'c/m'])
  })
})

describe('a prompt that did not fit', () => {
  const context = (backend: string, contextLength?: number): CandidateLoad =>
    load(backend, { description: { contextLength } })
  const overflow = { causeClass: 'rejected', overflow: {} } as const

  test('goes on only to a candidate that is known to hold more', () => {
    const fleet = plan([context('8k', 8_192), context('4k', 4_096), context('unknown'), context('32k', 32_768)])
    expect(failAll(fleet, [overflow, overflow]).tried).toEqual(['8k/m', '32k/m'])
  })

  test('the size that the engine itself tells counts more than what was believed of it', () => {
    const fleet = plan([context('lied', 131_072), context('16k', 16_384)])
    expect(failAll(fleet, [{ ...overflow, overflow: { contextLength: 8_192 } }, overflow]).tried).toHaveLength(2)
  })

  test('goes nowhere when no size is known', () => {
    expect(failAll(plan([load('a'), context('32k', 32_768)]), [overflow, overflow]).tried).toEqual(['a/m'])
  })
})

describe('breakers', () => {
  test('a candidate behind an open breaker is passed over', () => {
    const { tried } = failAll(
      plan([load('a'), load('b')], { breakers: { a: openBreaker(60_000) } }),
      causes('busy', 'busy'),
    )
    expect(tried).toEqual(['b/m'])
  })

  test('once its time is over it has its place in the order again', () => {
    const of = plan([load('a'), load('b')], { breakers: { a: openBreaker(60_000) } })
    expect(nextAttempt(of, [], 60_000)).toMatchObject({ attempt: { candidate: { backend: 'a' } } })
  })

  test('when all are open, nothing is tried before open_for has passed since the last failure, then one is', () => {
    const of = plan([load('a'), load('b')], { breakers: { a: openBreaker(300_000), b: openBreaker(300_000) } })
    expect(nextAttempt(of, [], 9_999).type).toBe('stop')
    expect(failAll(of, causes('refused', 'refused'), 10_000).tried).toEqual(['a/m'])
  })
})

describe('whatever fails', () => {
  const fleets = fc.record({
    primary: fc.array(candidate(), { maxLength: 5 }),
    fallbacks: fc.array(fc.array(candidate(), { maxLength: 3 }), { maxLength: 3 }),
    maxAttempts: fc.integer({ min: 1, max: 10 }),
    openBackends: fc.array(fc.nat(4)),
    failures: fc.array(fc.constantFrom(...failureCauses), { minLength: 30, maxLength: 30 }),
  })

  function candidate(): fc.Arbitrary<CandidateLoad> {
    return fc
      .tuple(fc.nat(4), fc.nat(2), fc.boolean())
      .map(([backend, model, isAvailable]) => load(`b${backend}`, { model: `m${model}`, isAvailable }))
  }

  test('it ends within max_attempts, never asks a pair twice, and never a backend that cannot serve at all', () => {
    fc.assert(
      fc.property(fleets, ({ primary, fallbacks, maxAttempts, openBackends, failures }) => {
        const of = plan(primary, {
          fallbacks: fallbacks.map((candidates, index) => ({ model: `fallback-${index}`, candidates })),
          maxAttempts,
          breakers: Object.fromEntries(openBackends.map((backend) => [`b${backend}`, openBreaker(60_000)])),
        })
        const { tried, failed, step } = failAll(of, causes(...failures))

        expect(step.type).toBe('stop')
        expect(tried.length).toBeLessThanOrEqual(maxAttempts)
        expect(new Set(tried).size).toBe(tried.length)
        expect(
          failed.filter(({ attempt }) => openBackends.includes(Number(attempt.candidate.backend.slice(1)))),
        ).toEqual([])
        const covered = failed.findIndex(({ attempt, failure }, index) =>
          failed
            .slice(index + 1)
            .some(
              (later) =>
                later.attempt.candidate.backend === attempt.candidate.backend &&
                judgeFailure(failure.causeClass).coversBackend,
            ),
        )
        expect(covered).toBe(-1)
      }),
    )
  })

  test('with breakers that learn from it, somebody with one backend is never turned away for longer than open_for', () => {
    const settings = { failures: 3, openForMs: 10_000, trialMaxMs: 60_000 }
    const only = load('only')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(60_000), fc.constantFrom(...failureCauses)), { maxLength: 50, size: 'max' }),
        (requests) => {
          let breaker = closedBreaker
          let nowMs = 0
          let failedAtMs = -Infinity
          const of = { ...plan([only]), breakerOf: () => breaker }
          for (const [index, [waitMs, cause]] of requests.entries()) {
            nowMs += waitMs
            const step = nextAttempt(of, [], nowMs)
            const mayBeTurnedAway = nowMs - failedAtMs < settings.openForMs
            expect(step.type === 'try' || mayBeTurnedAway).toBe(true)
            if (step.type === 'stop') continue
            const requestId = `r${index}`
            breaker = breakerAfter(breaker, { type: 'sent', requestId, nowMs }, settings)
            breaker = breakerAfter(breaker, { type: 'failed', requestId, nowMs, cause }, settings)
            failedAtMs = nowMs
          }
        },
      ),
    )
  })
})
