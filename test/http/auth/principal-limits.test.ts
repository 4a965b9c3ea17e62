import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { LlmrError } from '../../../src/core/error.ts'
import type { Principal } from '../../../src/core/principal.ts'
import { createPrincipalLimits } from '../../../src/http/auth/principal-limits.ts'
import { ManualClock } from './manual-clock.ts'

const principal = (limits: Partial<Principal>): Principal => ({ id: 'alice', scopes: new Set(['chat']), ...limits })

describe('in flight', () => {
  test('a principal has at most as many requests as it may, whatever the order of starts and ends', () => {
    const step = fc.record({ isStart: fc.boolean(), which: fc.nat(20), callsTwice: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 100 }), (limit, steps) => {
        const limits = createPrincipalLimits(new ManualClock())
        const releases: (() => void)[] = []
        for (const { isStart, which, callsTwice } of steps) {
          if (!isStart) {
            const [release] = releases.splice(which % Math.max(1, releases.length), 1)
            release?.()
            if (callsTwice) release?.()
            continue
          }
          const outcome = attempt(() => limits.acquire(principal({ maxConcurrent: limit })))
          expect(outcome instanceof LlmrError, `with ${releases.length} of ${limit}`).toBe(releases.length === limit)
          if (!(outcome instanceof LlmrError)) releases.push(outcome)
        }
      }),
    )
  })

  test('the one too many is told to come back in a second', () => {
    const limits = createPrincipalLimits(new ManualClock())
    limits.acquire(principal({ maxConcurrent: 1 }))
    expect(attempt(() => limits.acquire(principal({ maxConcurrent: 1 })))).toMatchObject({
      code: 'concurrency_limited',
      status: 429,
      facts: { retryAfterSeconds: 1 },
    })
  })

  test('one principal does not take the places of another', () => {
    const limits = createPrincipalLimits(new ManualClock())
    limits.acquire(principal({ maxConcurrent: 1 }))
    expect(() => limits.acquire(principal({ id: 'bob', maxConcurrent: 1 }))).not.toThrow()
  })
})

describe('in a minute', () => {
  test('the one too many is told the whole seconds until there is room, and then there is', () => {
    const clock = new ManualClock()
    const limits = createPrincipalLimits(clock)
    const alice = principal({ requestsPerMinute: 2 })
    limits.acquire(alice)()
    clock.advance(20_000)
    limits.acquire(alice)()

    const refusal = attempt(() => limits.acquire(alice))
    expect(refusal).toMatchObject({ code: 'rate_limited', status: 429, facts: { retryAfterSeconds: 41 } })
    clock.advance(41_000)
    expect(() => limits.acquire(alice)).not.toThrow()
  })

  test('refused requests do not count, so a client that insists gets in as soon as one that waits', () => {
    const clock = new ManualClock()
    const limits = createPrincipalLimits(clock)
    const alice = principal({ requestsPerMinute: 1, maxConcurrent: 1 })
    const release = limits.acquire(alice)
    for (let second = 0; second < 61; second++) {
      expect(attempt(() => limits.acquire(alice))).toBeInstanceOf(LlmrError)
      clock.advance(1_000)
    }
    release()
    expect(() => limits.acquire(alice)).not.toThrow()
  })

  test('a limit that changes by a reload counts at once', () => {
    const limits = createPrincipalLimits(new ManualClock())
    limits.acquire(principal({ requestsPerMinute: 1 }))
    expect(() => limits.acquire(principal({ requestsPerMinute: 2 }))).not.toThrow()
  })
})

describe('what is remembered', () => {
  test('is nothing for principals without limits', () => {
    const limits = createPrincipalLimits(new ManualClock())
    for (let index = 0; index < 100; index++) limits.acquire(principal({ id: `jwt:${index}` }))
    expect(limits.size).toBe(0)
  })

  test('is dropped once a principal has been idle for a while', () => {
    const clock = new ManualClock()
    const limits = createPrincipalLimits(clock)
    for (let index = 0; index < 100; index++) limits.acquire(principal({ id: `${index}`, requestsPerMinute: 5 }))()
    clock.advance(120_000)
    limits.acquire(principal({ id: 'next', requestsPerMinute: 5 }))
    expect(limits.size).toBe(1)
  })

  test('never drops one who has a request in flight', () => {
    const clock = new ManualClock()
    const limits = createPrincipalLimits(clock)
    const busy = principal({ id: 'busy', maxConcurrent: 1 })
    limits.acquire(busy)
    for (let index = 0; index < 20_000; index++) limits.acquire(principal({ id: `${index}`, requestsPerMinute: 5 }))()
    clock.advance(120_000)
    limits.acquire(principal({ id: 'next', requestsPerMinute: 5 }))
    expect(attempt(() => limits.acquire(busy))).toMatchObject({ code: 'concurrency_limited' })
  })

  test('is bounded, however many come within one minute', () => {
    const limits = createPrincipalLimits(new ManualClock())
    for (let index = 0; index < 12_000; index++) limits.acquire(principal({ id: `${index}`, requestsPerMinute: 5 }))()
    expect(limits.size).toBe(10_000)
  })
})

function attempt(action: () => () => void): (() => void) | LlmrError {
  try {
    return action()
  } catch (error) {
    if (error instanceof LlmrError) return error
    throw error
  }
}
