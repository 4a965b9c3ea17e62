import fc from 'fast-check'
import { expect, test } from 'vitest'

import { OwnTime } from '../../../src/bench/replay/own-time.ts'

test('with what engines give back, llmr’s own time counts once and not as often as time is sped up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 80, noNaN: true }),
      fc.integer({ min: 200, max: 1000 }),
      (speed, ownMs, wantedMs) => {
        const own = new OwnTime(speed)
        let tookMs = 0
        for (let round = 0; round < 20; round += 1) {
          tookMs = wantedMs - own.giveBackMs(wantedMs) + ownMs
          own.observe({ tookMs, wantedMs })
        }
        expect(own.typicalMs).toBeCloseTo(ownMs, 6)
        expect((tookMs - wantedMs) * speed).toBeCloseTo(ownMs, 6)
      },
    ),
  )
})

test('one slow piece of work is not taken for the usual', () => {
  const own = new OwnTime(10)
  for (const tookMs of [110, 110, 900, 110, 110]) own.observe({ tookMs, wantedMs: 100 + own.giveBackMs(1000) })
  expect(own.typicalMs).toBe(10)
})

test('what was quicker than wanted is given back by nobody', () => {
  const own = new OwnTime(10)
  own.observe({ tookMs: 90, wantedMs: 100 })
  expect(own.giveBackMs(100)).toBe(0)
})

test('an engine that cannot start in time is not asked for ever more', () => {
  const own = new OwnTime(20)
  for (let round = 0; round < 50; round += 1) own.observe({ tookMs: 150, wantedMs: 120 })
  expect(own.typicalMs).toBeLessThanOrEqual(90)
})
