import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { duration, formatDuration, formatSize, retention, size } from '../../src/config/units.ts'

test('a formatted duration reads as the same again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 * 86_400_000 }), (ms) => {
      expect(duration.parse(formatDuration(ms))).toBe(ms)
    }),
  )
})

test('what is kept may be kept for longer than a timer could wait', () => {
  expect(retention.parse('3650d')).toBe(3_650 * 86_400_000)
  expect(retention.safeParse('3651d').error?.issues[0]?.message).toBe('expected a duration from 1ms to 3650d')
  expect(duration.safeParse('25d').success).toBe(false)
})

test('a formatted size reads as the same again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      expect(size.parse(formatSize(bytes))).toBe(bytes)
    }),
  )
})

test('the shortest writing is chosen, in powers of 1024 where they fit', () => {
  const durations = {
    '0s': 0,
    '1ms': 1,
    '1500ms': 1_500,
    '90s': 90_000,
    '2m': 120_000,
    '1h': 3_600_000,
    '1d': 86_400_000,
  }
  expect(Object.values(durations).map(formatDuration)).toEqual(Object.keys(durations))
  const sizes = { '1KiB': 1_024, '1KB': 1_000, '64MiB': 67_108_864, '24GiB': 24 * 1024 ** 3, '1001B': 1_001 }
  expect(Object.values(sizes).map(formatSize)).toEqual(Object.keys(sizes))
})

test.each(['30', '', '30 s', '-1s', '1e3s', '1.s', '30sec', '1h30m', '25d', '0s', '0.0001ms', 's'])(
  '%j is no duration',
  (text) => expect(duration.safeParse(text).success).toBe(false),
)
