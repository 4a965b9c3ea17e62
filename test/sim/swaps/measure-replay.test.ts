import { expect, test } from 'vitest'

import { measureReplay } from '../../../src/sim/swaps/measure-replay.ts'

test('percentiles are values that occurred, and being overtaken counts by how late the other came', () => {
  const served = [
    { arrivedMs: 0, startedMs: 10 },
    { arrivedMs: 6, startedMs: 6 },
    { arrivedMs: 9, startedMs: 20 },
  ].map((times) => ({ ...times, model: 'A', firstTokenMs: times.startedMs + 1, endedMs: times.startedMs + 5 }))
  const figures = measureReplay({ served, refused: 0, loads: 1, loadingMs: 3, idleWhileWaiting: 0 })
  expect(figures.wait).toEqual({ meanMs: 7, p50Ms: 10, p95Ms: 11, p99Ms: 11, maxMs: 11 })
  expect(figures.overtaken).toEqual({ requests: 1, byMs: 6 })
  expect(figures).toMatchObject({ makespanMs: 25, firstToken: { meanMs: 8, p95Ms: 12 } })
})
