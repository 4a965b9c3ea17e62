import fc from 'fast-check'
import { expect, test } from 'vitest'

import { tokenRateOf, tokenRates } from '../../../src/tui/top/token-rates.ts'
import { topRequest } from './snapshots.ts'

const window = { nowMs: 60_000, partMs: 2_000, parts: 30 }

test('tokens are spread over the time in which they were said', () => {
  const request = topRequest({ startedAtMs: 50_000, firstByteMs: 2_000, durationMs: 6_000, completionTokens: 80 })
  expect(tokenRates([request], window).slice(24)).toEqual([0, 0, 20, 20, 0, 0])
})

test('no token is lost or counted twice, however requests overlap', () => {
  const request = fc
    .record({
      startedAtMs: fc.nat(40_000),
      firstByteMs: fc.nat(9_000),
      rest: fc.nat(9_000),
      completionTokens: fc.nat(500),
    })
    .map(({ rest, ...facts }) => topRequest({ ...facts, durationMs: facts.firstByteMs + rest + 1 }))
  fc.assert(
    fc.property(fc.array(request), (requests) => {
      const said = tokenRates(requests, window).reduce((sum, rate) => sum + rate * 2, 0)
      expect(said).toBeCloseTo(
        requests.reduce((sum, { completionTokens = 0 }) => sum + completionTokens, 0),
        3,
      )
    }),
  )
})

test('the rate of a request is that of its reply, and of all its time where it came in one piece', () => {
  expect(tokenRateOf(topRequest({ firstByteMs: 1_000, durationMs: 2_000, completionTokens: 40 }))).toBe(40)
  expect(tokenRateOf(topRequest({ firstByteMs: 2_000, durationMs: 2_000, completionTokens: 40 }))).toBe(20)
  expect(tokenRateOf(topRequest({ completionTokens: undefined }))).toBeUndefined()
})
