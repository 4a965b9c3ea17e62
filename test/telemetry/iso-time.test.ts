import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isoTime } from '../../src/telemetry/iso-time.ts'

test('a time is written as toISOString writes it, in whatever order times come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e12, max: 4e12 }), { minLength: 1 }), (times) => {
      expect(times.map(isoTime)).toEqual(times.map((time) => new Date(time).toISOString()))
    }),
  )
})

test('a fraction of a millisecond is cut off', () => {
  expect(isoTime(1_700_000_000_000.9)).toBe('2023-11-14T22:13:20.000Z')
})
