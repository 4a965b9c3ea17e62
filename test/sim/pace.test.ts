import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { delay, orAborted, Pace } from '../../src/sim/pace.ts'

const { signal } = new AbortController()

/** Time that passes only by being waited for, a little more each time, as with real timers. */
function steppedTime(lateMs: number) {
  let nowMs = 0
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    wait: async (ms: number) => {
      nowMs += ms + lateMs
    },
  }
}

describe('simulated time', () => {
  test('passes at its scale and does not drift, however short the steps and late the timers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 100 }),
        fc.constantFrom(0.01, 0.5, 1, 3),
        fc.nat(5),
        async (stepsMs, timeScale, lateMs) => {
          const time = steppedTime(lateMs)
          const stopwatch = new Pace({ clock: time, timeScale, wait: time.wait }).start()
          let simulatedMs = 0
          for (const stepMs of stepsMs) {
            simulatedMs += stepMs
            await stopwatch.at(simulatedMs, signal)
          }
          const owedMs = simulatedMs * timeScale - time.now()
          expect(owedMs).toBeLessThan(1)
          expect(owedMs).toBeGreaterThanOrEqual(-lateMs - 1e-6)
        },
      ),
    )
  })

  test('does not pass at all at scale 0', async () => {
    const time = steppedTime(0)
    await new Pace({ clock: time, timeScale: 0, wait: time.wait }).start().at(1e9, signal)
    expect(time.now()).toBe(0)
  })
})

describe('a wait', () => {
  const aborted = AbortSignal.abort(new Error('left'))

  test('ends when its signal says so, even one without end', async () => {
    const leaver = new AbortController()
    const waiting = delay(Infinity, leaver.signal)
    leaver.abort()
    await expect(waiting).rejects.toThrow(/aborted/)
    await expect(orAborted(new Promise(() => undefined), aborted)).rejects.toThrow('left')
  })

  test('for what has come is over', async () => {
    await expect(orAborted(Promise.resolve(), signal)).resolves.toBeUndefined()
    await expect(delay(0, signal)).resolves.toBeUndefined()
  })
})
