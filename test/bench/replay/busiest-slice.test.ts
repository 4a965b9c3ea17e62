import fc from 'fast-check'
import { expect, test } from 'vitest'

import { busiestSlice } from '../../../src/bench/replay/busiest-slice.ts'
import { request } from '../../sim/swaps/replayed.ts'

const traces = fc
  .array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 })
  .map((seconds) => seconds.toSorted((one, other) => one - other).map((at) => request(at, 'a')))
const spans = fc.integer({ min: 1, max: 600_000 })

test('no stretch of that length has more requests than the busiest', () => {
  fc.assert(
    fc.property(traces, spans, (rows, spanMs) => {
      const counts = rows.map(
        ({ arrivalMs: from }) => rows.filter(({ arrivalMs }) => arrivalMs >= from && arrivalMs < from + spanMs).length,
      )
      expect(busiestSlice(rows, spanMs)).toHaveLength(Math.max(...counts))
    }),
  )
})

test('a stretch begins at its first request and is no longer than asked for', () => {
  fc.assert(
    fc.property(traces, spans, (rows, spanMs) => {
      const slice = busiestSlice(rows, spanMs)
      expect(slice[0]?.arrivalMs).toBe(0)
      expect(slice.at(-1)?.arrivalMs).toBeLessThan(spanMs)
    }),
  )
})

test('a stretch longer than the trace is the trace', () => {
  const rows = [request(3, 'a'), request(9, 'b')]
  expect(busiestSlice(rows, 1e9).map(({ model }) => model)).toEqual(['a', 'b'])
})
