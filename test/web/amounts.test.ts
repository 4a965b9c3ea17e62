import { expect, test } from 'vitest'

import { amount, duration, rate, size } from '../../src/web/page/amounts.js'

test('sizes, durations and counts are shown as people say them', () => {
  expect([0, 300 * 2 ** 20, 9.4 * 2 ** 30, 22 * 2 ** 30].map(size)).toEqual(['', '300 MiB', '9.4 GiB', '22 GiB'])
  expect([undefined, 12.4, 1_250, 61_000, 3_700_000].map(duration)).toEqual([
    '',
    '12 ms',
    '1.3 s',
    '1 min 1 s',
    '1 h 1 min',
  ])
  expect([undefined, 0, 12_345].map(amount)).toEqual(['', '0', '12,345'])
})

test('tokens a second are counted from the first byte of a stream, and over all of a whole reply', () => {
  const request = { completionTokens: 100, durationMs: 3_000, timeToFirstByteMs: 1_000 }
  expect(rate({ ...request, isStream: true })).toBe('50')
  expect(rate({ ...request, isStream: false })).toBe('33')
  expect(rate({ durationMs: 3_000 })).toBe('')
  expect(rate({ ...request, isStream: true, durationMs: 1_000 })).toBe('')
})
