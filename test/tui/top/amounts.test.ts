import { expect, test } from 'vitest'

import { gibibytes, rate, span, sparkline } from '../../../src/tui/top/amounts.ts'

test.each([
  [-5, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [61_000, '1 min 1 s'],
  [7_500_000, '2 h 5 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (ms, text) => {
  expect(span(ms)).toBe(text)
})

test('figures have as many digits as say something', () => {
  expect([gibibytes(1.5 * 1024 ** 3), gibibytes(200 * 1024 ** 3)]).toEqual(['1.5', '200'])
  expect([rate(0), rate(7.46), rate(118.2)]).toEqual(['0', '7.5', '118'])
})

test('a line of heights is as long as its values, its highest is full, and nothing is a blank', () => {
  expect(sparkline([0, 1, 4, 8])).toBe(' ▂▅█')
  expect(sparkline([0, 0])).toBe('  ')
  expect(sparkline([])).toBe('')
})
