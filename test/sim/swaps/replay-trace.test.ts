import { expect, test } from 'vitest'

import { loadMs } from '../../../src/sim/swaps/replay-host.ts'
import type { ReplayScheduler } from '../../../src/sim/swaps/replay-scheduler.ts'
import { replayTrace } from '../../../src/sim/swaps/replay-trace.ts'
import { policies, replayed, request, workOf } from './replayed.ts'

// 16 GB: 1.55 s to spawn, 6.4 s from disk, 2.67 s from the page cache; 1,250 prompt and 37.5 reply tokens a second.
const coldMs = 1_550 + 6_400
const prefillMs = 200 / 1.25

test('the first request waits for a load from disk, and its reply takes what prompt and reply take', () => {
  const { served } = replayed({ rows: [request(0, 'A')] }, {})
  expect(served[0]?.startedMs).toBeCloseTo(coldMs, 3)
  expect(served[0]?.firstTokenMs).toBeCloseTo(coldMs + prefillMs, 3)
  expect(served[0]?.endedMs).toBeCloseTo(coldMs + prefillMs + 100 / 0.0375, 3)
})

test('a second load comes from the page cache', () => {
  const rows = [request(0, 'A'), request(100, 'B'), request(200, 'A')]
  const { served, loads } = replayed({ rows }, {})
  expect(loads).toBe(3)
  expect(served[2]!.startedMs - served[2]!.arrivedMs).toBeCloseTo(800 + 1_550 + 16_000 / 6, 3)
})

test('a file that does not fit in the page cache is never cached', () => {
  const rows = [request(0, 'A'), request(100, 'B'), request(200, 'A')]
  const { served } = replayed({ rows, host: { ramBytes: 15e9 } }, {})
  expect(served[2]!.startedMs - served[2]!.arrivedMs).toBeCloseTo(800 + coldMs, 3)
})

test('what waits is read into the page cache while the victim still works', () => {
  const rows = [request(0, 'A', { outputTokens: 1_000 }), request(9, 'B')]
  const { served } = replayed({ rows }, { policy: policies.fifo })
  const freeMs = served[0]!.endedMs + 800
  expect(served[1]!.startedMs - freeMs).toBeCloseTo(1_550 + 16_000 / 6, 3)
})

test('nothing is read beside a load, which somebody waits for', () => {
  const rows = [request(0, 'A', { outputTokens: 0 }), request(1, 'B')]
  const { served } = replayed({ rows }, { policy: policies.fifo })
  // All of B but what was read while A served and stopped comes from disk.
  const readMs = prefillMs + 800
  const expectedMs = 1_550 + 6_400 - readMs + (readMs * 2.5) / 6
  expect(served[1]!.startedMs - served[0]!.endedMs - 800).toBeCloseTo(expectedMs, 0)
})

test('a session’s next turn computes only what is new of its prompt, until its model has been out', () => {
  const turn = { session: 's', promptTokens: 1_000, outputTokens: 0 }
  const rows = [request(0, 'A', turn), request(50, 'A', { ...turn, promptTokens: 1_100 })]
  const stays = replayed({ rows }, {}).served
  expect(stays[1]!.firstTokenMs - stays[1]!.startedMs).toBeCloseTo(100 / 1.25, 3)
  const away = [rows[0]!, request(20, 'B'), rows[1]!]
  const lost = replayed({ rows: away }, {}).served
  expect(lost[2]!.firstTokenMs - lost[2]!.startedMs).toBeCloseTo(1_100 / 1.25, 3)
  const saved = replayed({ rows: away, host: { prefixCache: 'restore' } }, {}).served
  expect(saved[2]!.firstTokenMs - saved[2]!.startedMs).toBeCloseTo(100 / 1.25 + (1_000 * 100e3) / 3e6, 3)
  const none = replayed({ rows, host: { prefixCache: 'none' } }, {}).served
  expect(none[1]!.firstTokenMs - none[1]!.startedMs).toBeCloseTo(1_100 / 1.25, 3)
})

test('whoever waits longer than the time-out is counted as refused', () => {
  const { figures } = replayed({ rows: [request(0, 'A'), request(1, 'A')] }, { timeoutMs: 7_500 })
  expect(figures).toMatchObject({ refused: 1, requests: 1 })
})

test('memory counts as idle when it is free, or its model has nothing to do, while somebody waits', () => {
  // While B waits for its load of 7.95 s, its own 16 of 24 GB are being filled; then nobody waits.
  const { figures } = replayed({ rows: [request(0, 'B')] }, {})
  expect(figures.idleWhileWaiting).toBeCloseTo(8 / 24, 6)
})

test('the same trace gives the same replay', () => {
  const rows = Array.from({ length: 60 }, (_, index) => request(index * 1.7, 'ABC'[(index * 7) % 3]!))
  expect(replayed({ rows }, {})).toEqual(replayed({ rows }, {}))
})

test('a scheduler that forgets a request is told of, not waited for', () => {
  const forgetful: ReplayScheduler = { handle: () => [] }
  const work = workOf({ rows: [request(0, 'A')] })
  expect(() => replayTrace({ ...work, timeoutMs: 1 }, forgetful)).toThrow('left 1 requests waiting')
})

test('half of a file in the page cache halves the reading', () => {
  const { host } = workOf({ rows: [] })
  const [cold, half, warm] = [0, 8e9, 16e9].map((cached) => loadMs(host, 16e9, cached))
  expect(half).toBeCloseTo((cold! + warm!) / 2, 6)
})
