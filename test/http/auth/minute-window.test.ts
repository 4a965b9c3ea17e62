import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createMinuteWindow } from '../../../src/http/auth/minute-window.ts'

/** Starts whatever the window allows, one try after each pause. */
function run(limit: number, pausesMs: readonly number[]) {
  const window = createMinuteWindow()
  const startedAtMs: number[] = []
  const refused: { readonly atMs: number; readonly waitMs: number; readonly counted: number }[] = []
  let nowMs = 0
  for (const pause of pausesMs) {
    nowMs += pause
    const waitMs = window.waitMs(limit, nowMs)
    if (waitMs === 0) {
      window.add(nowMs)
      startedAtMs.push(nowMs)
    } else {
      const at = nowMs
      refused.push({ atMs: at, waitMs, counted: startedAtMs.filter((start) => start > at - 61_000).length })
    }
  }
  return { startedAtMs, refused }
}

const pauses = fc.array(fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(100_000)), { maxLength: 200 })
const limits = fc.integer({ min: 1, max: 20 })

test('no 60 seconds, wherever they begin, hold more than the limit', () => {
  fc.assert(
    fc.property(limits, pauses, (limit, pausesMs) => {
      const { startedAtMs } = run(limit, pausesMs)
      const spans = startedAtMs.slice(limit).map((beyond, index) => beyond - (startedAtMs[index] ?? 0))
      expect(spans.filter((span) => span < 60_000)).toEqual([])
    }),
  )
})

test('only a limit that is reached refuses, counting at most one second more than a minute', () => {
  fc.assert(
    fc.property(limits, pauses, (limit, pausesMs) => {
      expect(run(limit, pausesMs).refused.filter(({ counted }) => counted < limit)).toEqual([])
    }),
  )
})

test('the wait it names is enough, and a millisecond less is not', () => {
  fc.assert(
    fc.property(limits, pauses, (limit, pausesMs) => {
      const window = createMinuteWindow()
      let nowMs = 0
      for (const pause of pausesMs) {
        nowMs += pause
        while (window.waitMs(limit, nowMs) === 0) window.add(nowMs)
        const waitMs = window.waitMs(limit, nowMs)
        expect(waitMs).toBeGreaterThan(0)
        expect(waitMs).toBeLessThanOrEqual(61_000)
        expect(window.waitMs(limit, nowMs + waitMs - 1)).toBe(1)
        nowMs += waitMs
        expect(window.waitMs(limit, nowMs)).toBe(0)
      }
    }),
    { numRuns: 30 },
  )
})

test('it is empty again a little over a minute after the last start', () => {
  const window = createMinuteWindow()
  expect(window.isEmpty(0)).toBe(true)
  window.add(500)
  expect(window.isEmpty(60_500)).toBe(false)
  expect(window.isEmpty(61_000)).toBe(true)
})
