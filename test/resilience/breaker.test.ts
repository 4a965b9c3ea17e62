import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { failureCauses } from '../../src/core/backend.ts'
import type { FailureCause } from '../../src/core/backend.ts'
import {
  admits,
  admitsAsLastResort,
  admittedInMs,
  breakerAfter,
  closedBreaker,
  openForMaxMs,
} from '../../src/resilience/breaker.ts'
import type { BreakerEvent, BreakerState } from '../../src/resilience/breaker.ts'
import { judgeFailure } from '../../src/resilience/judge-failure.ts'

const settings = { failures: 3, openForMs: 10_000, trialMaxMs: 600_000 }

const after = (state: BreakerState, ...events: readonly BreakerEvent[]): BreakerState =>
  events.reduce((before, event) => breakerAfter(before, event, settings), state)

const sent = (requestId: string, nowMs: number): BreakerEvent => ({ type: 'sent', requestId, nowMs })
const succeeded = (nowMs: number): BreakerEvent => ({ type: 'succeeded', nowMs })
const replied: BreakerEvent = { type: 'replied' }
const lost = (requestId: string, nowMs: number): BreakerEvent => ({ type: 'lost', requestId, nowMs })
const failed = (
  requestId: string,
  nowMs: number,
  { cause = 'server_error', retryAfterMs }: { cause?: FailureCause; retryAfterMs?: number } = {},
): BreakerEvent => ({ type: 'failed', requestId, nowMs, cause, retryAfterMs })

/** Opened at 0, so a trial is due at 10,000. */
const open = after(closedBreaker, failed('a', 0), failed('b', 0), failed('c', 0))

describe('closed', () => {
  test('it opens at the third counted failure in a row and says why', () => {
    expect(after(closedBreaker, failed('a', 0), failed('b', 0)).phase).toBe('closed')
    expect(open).toMatchObject({ phase: 'open', cause: 'server_error', untilMs: 10_000 })
    expect(admits(open, 9_999)).toBe(false)
    expect(admits(open, 10_000)).toBe(true)
  })

  test('a success in between starts the count anew', () => {
    const state = after(closedBreaker, failed('a', 0), failed('b', 0), succeeded(1), failed('c', 2), failed('d', 2))
    expect(state).toMatchObject({ phase: 'closed', failures: 2, cause: 'server_error' })
  })

  test('what does not speak against a backend never opens it, however often it happens', () => {
    const harmless = failureCauses.filter((cause) => !judgeFailure(cause).countsForBreaker)
    for (const cause of harmless) {
      const events = Array.from({ length: 20 }, (_, index) => failed(`r${index}`, index, { cause }))
      expect(after(closedBreaker, ...events)).toBe(closedBreaker)
    }
  })

  test('a healthy pair keeps one and the same state, so that requests cost no memory', () => {
    expect(after(closedBreaker, sent('a', 0), succeeded(1), sent('b', 2), lost('b', 3))).toBe(closedBreaker)
  })
})

describe('open', () => {
  test('a request that was sent before it opened closes it when it succeeds (N4.12)', () => {
    expect(after(open, succeeded(50))).toBe(closedBreaker)
  })

  test('requests that were sent before it opened do not prolong it when they fail in a bunch', () => {
    expect(after(open, failed('d', 5_000), failed('e', 6_000))).toBe(open)
  })

  test('each trial that fails doubles the time, up to five minutes; a success starts over', () => {
    let state = open
    let nowMs = 0
    const times: number[] = []
    for (let round = 0; round < 8; round += 1) {
      if (state.phase !== 'open') throw new Error(`expected open, got ${state.phase}`)
      times.push(state.untilMs - nowMs)
      nowMs = state.untilMs
      state = after(state, sent(`t${round}`, nowMs), failed(`t${round}`, nowMs))
    }
    expect(times).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000])

    const again = after(state, succeeded(nowMs), failed('x', nowMs), failed('y', nowMs), failed('z', nowMs))
    expect(again).toMatchObject({ phase: 'open', untilMs: nowMs + 10_000 })
  })

  test('a request without another candidate waits for open_for and no longer, whatever was doubled', () => {
    let state = open
    for (const nowMs of [10_000, 30_000, 70_000, 150_000]) state = after(state, sent('t', nowMs), failed('t', nowMs))
    expect(admits(state, 160_000)).toBe(false)
    expect(admittedInMs(state, 150_000)).toBe(10_000)
    expect(admitsAsLastResort(state, 160_000)).toBe(true)
    expect(after(state, sent('u', 160_000)).phase).toBe('half-open')
  })

  test('time configured beyond five minutes is kept', () => {
    const patient = { ...settings, failures: 1, openForMs: 900_000 }
    expect(breakerAfter(closedBreaker, failed('a', 0), patient)).toMatchObject({ untilMs: 900_000 })
  })
})

describe('half-open', () => {
  const trialOut = after(open, sent('trial', 10_000))

  test('one trial goes, and the door is shut behind it', () => {
    expect(trialOut.phase).toBe('half-open')
    expect(admits(trialOut, 11_000)).toBe(false)
    expect(admitsAsLastResort(trialOut, 11_000)).toBe(false)
  })

  test('the trial that succeeds closes it', () => {
    expect(after(trialOut, succeeded(11_000))).toBe(closedBreaker)
  })

  test('the first byte of its reply lets everyone through, for the rest may take minutes', () => {
    expect(admits(after(trialOut, replied), 11_000)).toBe(true)
    expect(after(trialOut, replied, succeeded(60_000))).toBe(closedBreaker)
  })

  test('an engine that begins each reply and dies in the middle is kept away for longer each time', () => {
    const dying = after(trialOut, replied, failed('trial', 12_000, { cause: 'died_mid_stream' }))
    expect(dying).toMatchObject({ phase: 'open', openings: 2, untilMs: 32_000 })
    const never = ['a', 'b', 'c'].flatMap((id) => [replied, failed(id, 0, { cause: 'died_mid_stream' })])
    expect(after(closedBreaker, ...never).phase).toBe('open')
  })

  test('a client that leaves after the first byte changes nothing', () => {
    const state = after(trialOut, replied)
    expect(after(state, lost('trial', 12_000))).toBe(state)
  })

  test('a trial whose client left gives the permit back at once', () => {
    const state = after(trialOut, lost('trial', 11_000))
    expect(admits(state, 11_000)).toBe(true)
    expect(after(state, sent('next', 11_000))).toMatchObject({ phase: 'half-open', trial: 'next' })
  })

  test('a client of another request that leaves does not give away the permit of the trial', () => {
    expect(after(trialOut, lost('other', 11_000))).toBe(trialOut)
  })

  test('a failure of another request does not open it; that is for the trial to show', () => {
    expect(after(trialOut, failed('other', 11_000))).toBe(trialOut)
  })

  test('a trial that finds the backend busy or loading proves nothing: the next may go at once', () => {
    for (const cause of ['busy', 'loading', 'rejected'] as const) {
      expect(admits(after(trialOut, failed('trial', 11_000, { cause })), 11_000)).toBe(true)
    }
  })

  test('a busy trial that is told to come back in 20 s waits for that long without being counted', () => {
    const state = after(trialOut, failed('trial', 11_000, { cause: 'busy', retryAfterMs: 20_000 }))
    expect(state).toMatchObject({ phase: 'open', openings: 1, untilMs: 31_000, cause: 'busy' })
  })

  test('a request that goes without asking does not take the permit over', () => {
    expect(after(trialOut, sent('unasked', 11_000))).toBe(trialOut)
  })

  test('a trial that never ends holds the door for trialMaxMs, and then another goes', () => {
    expect(admits(trialOut, 609_999)).toBe(false)
    expect(admits(trialOut, 610_000)).toBe(true)
    const second = after(trialOut, sent('second', 610_000))
    expect(second).toMatchObject({ trial: 'second' })
    expect(after(second, lost('trial', 610_001))).toBe(second)
  })
})

describe('Retry-After', () => {
  const held = after(closedBreaker, failed('a', 0, { cause: 'busy', retryAfterMs: 5_000 }))

  test('holds requests back for as long as the backend asks, and then lets all of them through', () => {
    expect(held).toMatchObject({ phase: 'held', failures: 0, cause: 'busy' })
    expect(admits(held, 4_999)).toBe(false)
    expect(admits(held, 5_000)).toBe(true)
    expect(after(held, sent('b', 5_000))).toBe(closedBreaker)
  })

  test('is not waived by the success of a request that was running already', () => {
    expect(admits(after(held, succeeded(1_000)), 2_000)).toBe(false)
  })

  test('never holds for more than five minutes, nor a last resort for more than open_for', () => {
    const state = after(closedBreaker, failed('a', 0, { cause: 'busy', retryAfterMs: 86_400_000 }))
    expect(admits(state, openForMaxMs)).toBe(true)
    expect(admittedInMs(state, 0)).toBe(10_000)
  })

  test('of a counted failure lengthens the opening, never shortens it', () => {
    const opening = (retryAfterMs: number): BreakerState =>
      after(closedBreaker, failed('a', 0), failed('b', 0), failed('c', 0, { retryAfterMs }))
    expect(opening(25_000)).toMatchObject({ phase: 'open', untilMs: 25_000 })
    expect(opening(1_000)).toMatchObject({ phase: 'open', untilMs: 10_000 })
  })

  test('that is shorter than an earlier one does not shorten that', () => {
    const again = after(held, failed('b', 1_000, { cause: 'busy', retryAfterMs: 500 }))
    expect(again).toMatchObject({ untilMs: 5_000, lastResortAtMs: 5_000 })
  })

  test('of a request that was sent before it opened keeps it open for as long as that', () => {
    expect(after(open, failed('d', 1_000, { cause: 'busy', retryAfterMs: 2_000 }))).toMatchObject({
      untilMs: 10_000,
      lastResortAtMs: 10_000,
    })
    expect(after(open, failed('d', 1_000, { retryAfterMs: 20_000 }))).toMatchObject({ openings: 1, untilMs: 21_000 })
  })

  test('a counted failure while it is held still counts', () => {
    expect(after(held, failed('b', 1), failed('c', 1), failed('d', 1)).phase).toBe('open')
  })
})

describe('whatever happens', () => {
  type Step =
    | { readonly type: 'arrive' }
    | { readonly type: 'arrive-as-last-resort' }
    | { readonly type: 'wait'; readonly ms: number }
    | { readonly type: 'reply' }
    | {
        readonly type: 'end'
        readonly which: number
        readonly outcome: 'succeeded' | 'lost' | FailureCause
        retryAfterMs?: number
      }

  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant<Step>({ type: 'arrive' }) },
      { weight: 1, arbitrary: fc.constant<Step>({ type: 'arrive-as-last-resort' }) },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(30_000) }) },
      { weight: 1, arbitrary: fc.constant<Step>({ type: 'reply' }) },
      {
        weight: 4,
        arbitrary: fc.record(
          {
            type: fc.constant('end' as const),
            which: fc.nat(9),
            outcome: fc.oneof(
              { weight: 1, arbitrary: fc.constantFrom('succeeded' as const, 'lost' as const) },
              { weight: 3, arbitrary: fc.constantFrom(...failureCauses) },
            ),
            retryAfterMs: fc.nat(1_000_000),
          },
          { requiredKeys: ['type', 'which', 'outcome'] },
        ),
      },
    ),
    // Long enough to open, try and close several times; by default most arrays are short.
    { maxLength: 100, size: 'max' },
  )

  interface World {
    readonly state: BreakerState
    readonly nowMs: number
    readonly running: readonly string[]
    /** Requests let through while it was not closed, until it closes or they end. */
    readonly trials: ReadonlySet<string>
  }

  /** Plays a disciplined caller: it sends only what is admitted, and tells how each request ended. */
  function play(script: readonly Step[], check: (world: World) => void, trialMaxMs = Number.MAX_SAFE_INTEGER): World {
    const strict = { ...settings, trialMaxMs }
    let world: World = { state: closedBreaker, nowMs: 1_000, running: [], trials: new Set() }
    for (const [index, step] of script.entries()) {
      world = next(world, step, `r${index}`, strict)
      check(world)
    }
    return world
  }

  function next(world: World, step: Step, requestId: string, strict: typeof settings): World {
    const { state, nowMs, running, trials } = world
    switch (step.type) {
      case 'wait':
        return { ...world, nowMs: nowMs + step.ms }
      case 'reply': {
        const after = running.length === 0 ? state : breakerAfter(state, replied, strict)
        return { ...world, state: after, trials: after.phase === 'closed' ? new Set() : trials }
      }
      case 'arrive':
      case 'arrive-as-last-resort': {
        const isAdmitted = step.type === 'arrive' ? admits(state, nowMs) : admitsAsLastResort(state, nowMs)
        if (!isAdmitted) return world
        const isTrial = state.phase === 'open' || state.phase === 'half-open'
        return {
          nowMs,
          state: breakerAfter(state, sent(requestId, nowMs), strict),
          running: [...running, requestId],
          trials: isTrial ? new Set([...trials, requestId]) : trials,
        }
      }
      case 'end': {
        const ending = running[step.which % running.length]
        if (ending === undefined) return world
        const after = breakerAfter(state, ended(step, ending, nowMs), strict)
        const left = new Set([...trials].filter((id) => id !== ending))
        return {
          nowMs,
          state: after,
          running: running.filter((id) => id !== ending),
          trials: after.phase === 'closed' ? new Set() : left,
        }
      }
    }
  }

  function ended(step: Extract<Step, { type: 'end' }>, requestId: string, nowMs: number): BreakerEvent {
    if (step.outcome === 'succeeded') return succeeded(nowMs)
    if (step.outcome === 'lost') return lost(requestId, nowMs)
    return failed(requestId, nowMs, { cause: step.outcome, retryAfterMs: step.retryAfterMs })
  }

  test('there is never more than one trial', () => {
    fc.assert(fc.property(steps, (script) => void play(script, ({ trials }) => expect(trials.size).toBeLessThan(2))))
  })

  test('a breaker is half-open exactly while its trial is out', () => {
    fc.assert(
      fc.property(
        steps,
        (script) =>
          void play(script, ({ state, trials }) => expect(state.phase === 'half-open').toBe(trials.size === 1)),
      ),
    )
  })

  test('it is never stuck: after a bounded time a request goes, and its success closes it', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { state, nowMs } = play(script, () => undefined, settings.trialMaxMs)
        const laterMs = nowMs + Math.max(openForMaxMs, settings.trialMaxMs)
        expect(admits(state, laterMs)).toBe(true)
        expect(after(state, sent('z', laterMs), succeeded(laterMs))).toEqual(closedBreaker)
      }),
    )
  })

  test('unless a trial is out, a request without another candidate waits for open_for at most', () => {
    const longestMs = ({ state, nowMs }: World): number =>
      state.phase === 'half-open' ? 0 : admittedInMs(state, nowMs)
    fc.assert(
      fc.property(
        steps,
        (script) => void play(script, (world) => expect(longestMs(world)).toBeLessThanOrEqual(settings.openForMs)),
      ),
    )
  })

  test('what is admitted now is admitted later too, and a last resort is admitted wherever others are', () => {
    fc.assert(
      fc.property(steps, fc.nat(1_000_000), (script, ms) => {
        const { state, nowMs } = play(script, () => undefined, settings.trialMaxMs)
        fc.pre(admits(state, nowMs))
        expect(admits(state, nowMs + ms)).toBe(true)
        expect(admitsAsLastResort(state, nowMs)).toBe(true)
      }),
    )
  })
})
