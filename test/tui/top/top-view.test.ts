import { stripVTControlCharacters } from 'node:util'

import fc from 'fast-check'
import { renderToString } from 'ink'
import { createElement } from 'react'
import { expect, test } from 'vitest'

import { printTop } from '../../../src/tui/top/print-top.ts'
import type { TopSnapshot } from '../../../src/tui/top/top-snapshot.ts'
import { TopView } from '../../../src/tui/top/top-view.ts'
import { topModel, topRequest, topSnapshot, topWaiter } from './snapshots.ts'

function linesOf(snapshot: TopSnapshot, room: { columns: number; rows: number }): readonly string[] {
  const drawn = renderToString(createElement(TopView, { snapshot, ...room, keys: 'q quits' }), room)
  return stripVTControlCharacters(drawn).split('\n')
}

test('one screen says who is in memory, who waits and for how long, and what was answered', () => {
  const text = printTop(topSnapshot(), 110)
  expect(text).toMatch(/^llmr 1\.2\.3 {2}http:\/\/127\.0\.0\.1:8411 {2}up 1 h 2 min .*10 tok\/s/)
  expect(text).toMatch(/^gpu0 {2}━+╌+ {2}6\.0 of 24\.0 GiB$/m)
  expect(text).toMatch(/^MODELS {2}1 of 2 in memory$/m)
  expect(text).toMatch(/^● {2}qwen3-8b +ready +1 of 4 +0 +6\.0 GiB {2}━━━━╌+/m)
  expect(text).toMatch(/^○ {2}coder +on disk +1 +6\.0 GiB/m)
  expect(text).toMatch(/^● {2}attic +vllm +healthy +2 +0/m)
  expect(text).toMatch(/^QUEUE {2}1 waiting$/m)
  expect(text).toMatch(/^#1 {2}coder +ada +12 s +~4\.2 s/m)
  expect(text).toMatch(/^\d\d:\d\d:\d\d {2}200 +qwen3-8b +2\.0 s +1\.0 s +31 +40 +40 +ada/m)
})

test('a load shows how far it is, a failed one when it is tried again, and an overdue request is counted', () => {
  const models = [
    topModel('half', { phase: 'loading', loadedShare: 0.5 }),
    topModel('broken', { phase: 'absent', retryInMs: 4_000 }),
    topModel('leaving', { phase: 'closing' }),
    topModel('kept', { isPinned: true }),
  ]
  const text = printTop(topSnapshot({ models, queue: [topWaiter('half', { isOverdue: true })] }), 110)
  expect(text).toContain('loading ━━━━╌╌╌╌')
  expect(text).toContain('failed, again in 4.0 s')
  expect(text).toContain('finishing')
  expect(text).toContain('ready, pinned')
  expect(text).toContain('1 waiting, 1 overdue')
})

test('what failed and who left is told from what was served', () => {
  const requests = [topRequest({ status: 503, errorCode: 'load_failed' }), topRequest({ isClientGone: true })]
  const text = printTop(topSnapshot({ requests }), 110)
  expect(text).toContain('503 load_failed')
  expect(text).toContain('client left')
})

test('a gateway that records says so', () => {
  expect(printTop(topSnapshot({ recordedBy: ['ops'] }), 110)).toContain('Requests are being recorded by ops.')
  expect(printTop(topSnapshot({ recordedBy: [] }), 110)).not.toContain('recorded')
})

test('a gateway that nobody has used, and that starts nothing, says so', () => {
  const quiet = topSnapshot({ pools: [], models: [], backends: [], queue: [], requests: [], tokenRates: [] })
  expect(printTop(quiet, 80)).toContain('Nothing has been asked for yet.')
})

test('where the rows do not suffice, the least important table goes, and what is cut is counted', () => {
  const many = topSnapshot({
    models: Array.from({ length: 30 }, (_, index) => topModel(`model-${index}`)),
    queue: Array.from({ length: 30 }, () => topWaiter('coder')),
  })
  const text = linesOf(many, { columns: 100, rows: 20 }).join('\n')
  expect(text).toContain('MODELS')
  expect(text).toContain('QUEUE')
  expect(text).toMatch(/… and \d+ more/)
  expect(text).not.toContain('LAST REQUESTS')
  expect(text).not.toContain('BACKENDS')
  expect(text).toContain('q quits')
})

test('nothing is wider or higher than the terminal, whatever there is to show', () => {
  const word = fc.string({ maxLength: 40, unit: fc.constantFrom('a', 'B', '-', '/', ':', '.', '0') })
  const snapshot = fc.record({
    models: fc.array(
      word.map((name) => topModel(name, { queued: 3 })),
      { maxLength: 20 },
    ),
    queue: fc.array(
      word.map((name) => topWaiter(name, { principal: name })),
      { maxLength: 30 },
    ),
    requests: fc.array(
      word.map((name) => topRequest({ model: name, errorCode: name })),
      { maxLength: 30 },
    ),
  })
  fc.assert(
    fc.property(
      snapshot,
      fc.integer({ min: 40, max: 200 }),
      fc.integer({ min: 12, max: 60 }),
      (given, columns, rows) => {
        const lines = linesOf(topSnapshot(given), { columns, rows })
        expect(lines.length).toBeLessThanOrEqual(rows)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
      },
    ),
    { numRuns: 40 },
  )
})
