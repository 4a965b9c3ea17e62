import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { WaitProgress } from '../../../src/core/wait-progress.ts'
import { ShownWait } from '../../../src/gateway/request/shown-wait.ts'

const start: WaitProgress = { model: 'm', phase: 'queued', position: 2, waitedMs: 0, withinMs: 30_000 }

/** A wait whose progress is as `at` says, asked every 100 ms. */
function told(at: (nowMs: number) => Partial<WaitProgress>, untilMs: number): { atMs: number; told: WaitProgress }[] {
  let nowMs = 0
  const wait = new ShownWait({
    style: 'comment',
    ask: () => ({ ...start, waitedMs: nowMs, withinMs: Math.max(0, 30_000 - nowMs), ...at(nowMs) }),
  })
  const news: { atMs: number; told: WaitProgress }[] = []
  for (; nowMs <= untilMs; nowMs += 100) {
    const progress = wait.news(nowMs)
    if (progress !== undefined) news.push({ atMs: nowMs, told: progress })
  }
  return news
}

test('a wait of less than half a second is not mentioned', () => {
  expect(told(() => ({}), 400)).toEqual([])
  expect(told(() => ({}), 500)).toMatchObject([{ atMs: 500 }])
})

test('that time passes as expected is no news for ten seconds', () => {
  expect(told(() => ({}), 21_000).map(({ atMs }) => atMs)).toEqual([500, 10_500, 20_500])
})

test('a change of place or phase is told, at most once a second', () => {
  const news = told((nowMs) => ({ position: nowMs < 700 ? 2 : 1, phase: nowMs < 4_000 ? 'queued' : 'loading' }), 6_000)
  expect(news.map(({ atMs, told: { position, phase } }) => [atMs, position, phase])).toEqual([
    [500, 2, 'queued'],
    [1_500, 1, 'queued'],
    [4_000, 1, 'loading'],
  ])
})

test('an estimate that turned out wrong is told again', () => {
  const news = told((nowMs) => (nowMs < 3_000 ? {} : { withinMs: 60_000 - nowMs }), 5_000)
  expect(news.map(({ atMs }) => atMs)).toEqual([500, 3_000])
})

test('the last word comes only where there was a first, and says how long it took', () => {
  const wait = new ShownWait({ style: 'status', ask: () => ({ ...start, waitedMs: 600 }) })
  expect(wait.end(100)).toBeUndefined()
  wait.news(600)
  expect(wait.end(2_600)).toEqual({ ...start, phase: 'ready', position: 1, waitedMs: 2_600, withinMs: 0 })
  expect(wait.end(2_700)).toBeUndefined()
})

test('however wildly things change, a client hears of it once a second at most', () => {
  const step = fc.record({ position: fc.integer({ min: 1, max: 50 }), withinMs: fc.nat(600_000) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const news = told((nowMs) => steps[(nowMs / 100) % steps.length] ?? {}, 10_000)
      for (const [index, { atMs }] of news.entries()) {
        if (index > 0) expect(atMs - news[index - 1]!.atMs).toBeGreaterThanOrEqual(1_000)
      }
    }),
  )
})
