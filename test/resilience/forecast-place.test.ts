import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { residences } from '../../src/core/gateway-state.ts'
import { forecastPlace } from '../../src/resilience/forecast-place.ts'

const model = {
  residence: 'loaded',
  running: 1,
  queued: 0,
  slots: 2,
  expectedLoadMs: 8_000,
  meanServiceMs: 500,
} as const

test('what is in memory has nothing left to load', () => {
  expect(forecastPlace(model, { inFlight: 0, forMs: 0 })).toEqual({
    untilLoadedMs: 0,
    mustLoad: false,
    ahead: 1,
    slots: 2,
    serviceMs: 500,
  })
})

test('of a load under way only the rest counts, and never nothing at all', () => {
  const loading = { ...model, residence: 'loading' } as const
  expect(forecastPlace(loading, { inFlight: 0, forMs: 3_000 }).untilLoadedMs).toBe(5_000)
  expect(forecastPlace(loading, { inFlight: 0, forMs: 60_000 }).untilLoadedMs).toBe(800)
})

test('requests of ours that the other has not told of yet count, and bring the model in', () => {
  const out = { ...model, residence: 'unloaded', running: 0 } as const
  expect(forecastPlace(out, { inFlight: 0, forMs: 0 })).toMatchObject({ ahead: 0, mustLoad: true })
  expect(forecastPlace(out, { inFlight: 3, forMs: 0 })).toMatchObject({ ahead: 3, mustLoad: false })
})

test('a forecast is made of whatever is told', () => {
  const anyModel = fc.record({
    residence: fc.constantFrom(...residences),
    running: fc.nat(50),
    queued: fc.nat(50),
    slots: fc.option(fc.nat(8), { nil: undefined }),
    expectedLoadMs: fc.option(fc.nat(60_000), { nil: undefined }),
    meanServiceMs: fc.option(fc.nat(60_000), { nil: undefined }),
  })
  fc.assert(
    fc.property(anyModel, fc.nat(20), fc.nat(100_000), (told, inFlight, forMs) => {
      const place = forecastPlace(told, { inFlight, forMs })
      for (const figure of [place.untilLoadedMs, place.ahead, place.serviceMs]) expect(figure).toBeGreaterThanOrEqual(0)
      expect(place.slots).toBeGreaterThan(0)
      expect(place.ahead).toBeGreaterThanOrEqual(inFlight)
    }),
  )
})
