import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import type { FailureCause } from '../../src/core/backend.ts'
import { healthAfter, isAvailable, unknownHealth } from '../../src/resilience/health.ts'
import type { BackendHealth, HealthEvent } from '../../src/resilience/health.ts'

const settings = { intervalMs: 30_000, failingIntervalMs: 2_000 }
const middle = (): number => 0.5

const after = (health: BackendHealth, ...events: readonly HealthEvent[]): BackendHealth =>
  events.reduce((before, event) => healthAfter(before, event, settings, middle), health)

const checkSucceeded = (nowMs: number, isLoading = false): HealthEvent => ({
  type: 'check-succeeded',
  nowMs,
  isLoading,
})
const checkFailed = (nowMs: number, cause: FailureCause = 'refused'): HealthEvent => ({
  type: 'check-failed',
  nowMs,
  cause,
})
const served = (nowMs: number): HealthEvent => ({ type: 'request-succeeded', nowMs })
const requestFailed = (nowMs: number, cause: FailureCause): HealthEvent => ({ type: 'request-failed', nowMs, cause })

const healthy = after(unknownHealth(0), checkSucceeded(0))

describe('checks', () => {
  test('a backend that was never asked is asked at once, and requests may go there meanwhile', () => {
    expect(unknownHealth(5)).toMatchObject({ status: 'unknown', nextCheckAtMs: 5 })
    expect(isAvailable(unknownHealth(5))).toBe(true)
  })

  test('a healthy one is asked every 30 s', () => {
    expect(healthy).toMatchObject({ status: 'healthy', sinceMs: 0, nextCheckAtMs: 30_000 })
  })

  test('one that loads a model is asked every second and gets requests last', () => {
    const loading = after(healthy, checkSucceeded(10, true))
    expect(loading).toMatchObject({ status: 'loading', sinceMs: 10, nextCheckAtMs: 1_010 })
    expect(isAvailable(loading)).toBe(false)
    expect(after(healthy, checkFailed(10, 'loading'))).toMatchObject({ status: 'loading', nextCheckAtMs: 1_010 })
  })

  test('a failing one is asked after 2 s, then twice as long each time, up to the usual interval', () => {
    let health = healthy
    const delays: number[] = []
    for (let check = 0; check < 6; check += 1) {
      const nowMs = health.nextCheckAtMs
      health = after(health, checkFailed(nowMs))
      delays.push(health.nextCheckAtMs - nowMs)
    }
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(health).toMatchObject({ status: 'failing', sinceMs: 30_000, cause: 'refused', consecutiveFailures: 6 })
  })

  test('one good check makes it healthy again and forgets the failures', () => {
    const health = after(healthy, checkFailed(30_000), checkFailed(32_000), checkSucceeded(36_000))
    expect(health).toMatchObject({ status: 'healthy', sinceMs: 36_000, consecutiveFailures: 0, cause: undefined })
  })

  test('a server that says it is too busy for a status question is there', () => {
    expect(after(unknownHealth(0), checkFailed(0, 'busy'))).toMatchObject({ status: 'healthy', nextCheckAtMs: 2_000 })
  })

  test('checks are spread by a tenth to either side', () => {
    const at = (random: number): number =>
      healthAfter(unknownHealth(0), checkSucceeded(0), settings, () => random).nextCheckAtMs
    expect(at(0)).toBe(27_000)
    expect(at(0.999999)).toBeCloseTo(33_000, 0)
  })
})

describe('a busy backend that does not answer its check in time', () => {
  const busy = after(healthy, served(29_000))

  test('stays healthy when it has served a request since the check before', () => {
    expect(after(busy, checkFailed(30_000, 'slow_first_byte'))).toMatchObject({
      status: 'healthy',
      sinceMs: 0,
      cause: 'slow_first_byte',
      nextCheckAtMs: 32_000,
    })
  })

  test('fails at the next check unless it has served another request by then', () => {
    const doubted = after(busy, checkFailed(30_000, 'slow_first_byte'))
    expect(after(doubted, checkFailed(32_000)).status).toBe('failing')
    expect(after(doubted, served(31_000), checkFailed(32_000)).status).toBe('healthy')
  })

  test('an idle one has no such witness and fails at once', () => {
    expect(after(healthy, checkFailed(30_000, 'slow_first_byte')).status).toBe('failing')
  })
})

describe('requests', () => {
  test('a refused connection marks it failing and brings the check forward to now', () => {
    const health = after(healthy, requestFailed(10_000, 'refused'))
    expect(health).toMatchObject({ status: 'failing', sinceMs: 10_000, cause: 'refused', nextCheckAtMs: 10_000 })
  })

  test('a crash is looked into at once, without judging before the check does', () => {
    const health = after(healthy, requestFailed(10_000, 'died_before_reply'))
    expect(health).toMatchObject({ status: 'healthy', nextCheckAtMs: 10_000 })
  })

  test('a missing model brings the check forward too, for the list of models is out of date', () => {
    expect(after(healthy, requestFailed(10_000, 'no_such_model')).nextCheckAtMs).toBe(10_000)
  })

  test('a full backend and a bad request change nothing', () => {
    expect(after(healthy, requestFailed(10_000, 'busy'), requestFailed(10_000, 'rejected'))).toBe(healthy)
  })

  test('failing requests never cause more than one check a second', () => {
    const justChecked = after(healthy, checkSucceeded(9_800))
    expect(after(justChecked, requestFailed(10_000, 'refused')).nextCheckAtMs).toBe(10_800)
  })

  test('a check that is due already is not put off by a failing request', () => {
    const justChecked = after(healthy, checkSucceeded(9_800), requestFailed(9_900, 'server_error'))
    expect(after(justChecked, requestFailed(10_700, 'server_error')).nextCheckAtMs).toBe(10_800)
    expect(after(justChecked, requestFailed(11_500, 'server_error')).nextCheckAtMs).toBe(10_800)
  })

  test('requests that fail while it is known to fail leave the growing distance of its checks alone', () => {
    const failing = after(healthy, checkFailed(30_000), checkFailed(32_000))
    expect(after(failing, requestFailed(34_000, 'refused'))).toBe(failing)
  })

  test('requests that find it loading make that known, once', () => {
    const loading = after(healthy, requestFailed(10_000, 'loading'))
    expect(loading).toMatchObject({ status: 'loading', sinceMs: 10_000, nextCheckAtMs: 11_000 })
    expect(after(loading, requestFailed(10_500, 'loading'))).toBe(loading)
  })

  test('a success makes a failing backend healthy at once, without waiting for its check', () => {
    const failing = after(healthy, requestFailed(10_000, 'refused'))
    const health = after(failing, served(12_000))
    expect(health).toMatchObject({ status: 'healthy', sinceMs: 12_000, consecutiveFailures: 0 })
  })

  test('many successes between two checks make one new state, so that requests cost no memory', () => {
    const once = after(healthy, served(1))
    expect(after(once, served(2), served(3))).toBe(once)
  })
})

test('whatever happens, the next check is set, within the usual interval and a tenth, and one good check heals', () => {
  const events: fc.Arbitrary<HealthEvent & { waitMs: number }> = fc.record({
    type: fc.constantFrom('check-succeeded', 'check-failed', 'request-succeeded', 'request-failed'),
    waitMs: fc.nat(60_000),
    nowMs: fc.constant(0),
    isLoading: fc.boolean(),
    cause: fc.constantFrom(...failureCauses),
  })
  const script = fc.array(fc.tuple(events, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), {
    maxLength: 50,
    size: 'max',
  })
  fc.assert(
    fc.property(script, (all) => {
      let health = unknownHealth(0)
      let nowMs = 0
      for (const [event, random] of all) {
        nowMs += event.waitMs
        health = healthAfter(health, { ...event, nowMs }, settings, () => random)
        expect(health.nextCheckAtMs).toBeLessThanOrEqual(nowMs + 33_000)
        expect(health.sinceMs).toBeLessThanOrEqual(nowMs)
      }
      expect(after(health, checkSucceeded(nowMs)).status).toBe('healthy')
    }),
  )
})
