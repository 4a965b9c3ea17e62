import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { expose } from '../../src/telemetry/exposition.ts'
import { counterFamily, gaugeFamily, histogramFamily } from '../../src/telemetry/series.ts'
import { parseExposition } from '../support/parse-exposition.ts'

test('any label value and number reads back as it was', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), (a, b, value) => {
      const family = gaugeFamily({ name: 'x', help: 'h', labels: ['a', 'b'], read: () => [[[a, b], value]] })
      expect(parseExposition(expose([family]))).toEqual([{ name: 'x', labels: { a, b }, value: value + 0 }])
    }),
  )
})

test('a help text with line breaks and backslashes stays on its line', () => {
  const family = counterFamily({ name: 'x_total', help: 'one\ntwo\\' })
  expect(expose([family])).toBe('# HELP x_total one\\ntwo\\\\\n# TYPE x_total counter\nx_total 0\n')
})

test('a counter without labels is there before anything was counted, one with labels is not', () => {
  expect(parseExposition(expose([counterFamily({ name: 'a_total', help: '' })]))).toHaveLength(1)
  expect(parseExposition(expose([counterFamily({ name: 'b_total', help: '', labels: ['x'] })]))).toEqual([])
})

test('the same label values are the same series, and values that join alike are not', () => {
  const family = counterFamily({ name: 'a_total', help: '', labels: ['x', 'y'] })
  expect(family.series('1', '2')).toBe(family.series('1', '2'))
  expect(family.series('a b', 'c')).not.toBe(family.series('a', 'b c'))
})

test('buckets of a histogram count what is at most their bound, and agree with count and sum', () => {
  const bounds = [0.1, 1, 10]
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(0, ...bounds), fc.double({ min: 0, max: 20, noNaN: true }))),
      (values) => {
        const family = histogramFamily({ name: 'h', help: '', bounds })
        for (const value of values) family.series().observe(value)
        const samples = parseExposition(expose([family]))
        if (values.length === 0) return
        for (const bound of bounds) {
          const bucket = samples.find(({ labels }) => labels['le'] === String(bound))
          expect(bucket?.value).toBe(values.filter((value) => value <= bound).length)
        }
        const named = (name: string, le?: string) =>
          samples.find((sample) => sample.name === name && sample.labels['le'] === le)?.value
        expect(named('h_bucket', '+Inf')).toBe(values.length)
        expect(named('h_count')).toBe(values.length)
        expect(named('h_sum')).toBeCloseTo(values.reduce((sum, value) => sum + value, 0))
      },
    ),
  )
})
