import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { type KeptSummary, planSummaries } from '../../../src/memory/summaries/plan-summaries.ts'
import { anyTokens, pathOf, sizes } from './paths.ts'

const settings = { ...sizes, aboveTokens: 300, recentRounds: 2, promptVersion: 2 }
const long = pathOf(Array.from({ length: 10 }, () => 100))
const plan = (kept: readonly KeptSummary[], rounds = long) => planSummaries({ rounds, kept, settings }).write
const written = (spans: ReturnType<typeof plan>, promptVersion = 2) =>
  spans.map(({ uptoReply, level, source }): KeptSummary => ({ uptoReply, level, source, promptVersion }))

test('a short path is left as it is', () => {
  expect(plan([], pathOf([100, 100, 100]))).toEqual([])
})

test('the last rounds have no summary yet, all before them have', () => {
  expect(plan([]).map(({ level, uptoReply }) => `${level} ${uptoReply}`)).toEqual([
    '1 a0',
    '1 a1',
    '1 a2',
    '1 a3',
    '1 a4',
    '1 a5',
    '1 a6',
    '1 a7',
    '2 a2',
    '2 a5',
  ])
})

test('what is written is not written again, and the parts of a summary come before it', () => {
  fc.assert(
    fc.property(anyTokens, fc.nat(), (tokens, seed) => {
      const rounds = pathOf(tokens)
      const all = plan([], rounds)
      const some = all.filter((_, index) => (index + seed) % 3 !== 0)
      const rest = plan(written(some), rounds)
      expect(rest).toEqual(all.filter((span) => !some.includes(span)))
      const done = new Set(some.map(({ source }) => source))
      for (const span of rest) {
        expect(span.children.every(({ source }) => done.has(source))).toBe(true)
        done.add(span.source)
      }
    }),
  )
})

test('a summary of a stretch that is none any more is dropped, one of a longer branch is not', () => {
  const kept = written(plan([], pathOf(Array.from({ length: 30 }, () => 100))))
  const elsewhere = { uptoReply: 'a1', level: 2, promptVersion: 2, source: 'of a path with a hole' }
  expect(planSummaries({ rounds: long, settings, kept: [...kept.slice(0, 10), elsewhere] }).drop).toEqual([elsewhere])
})

test('summaries of an earlier prompt are stale, those of a later one are not', () => {
  expect(plan(written(plan([]), 1))).toHaveLength(10)
  expect(plan(written(plan([]), 3))).toEqual([])
})

test('a summary of what was said otherwise is stale, and whatever was made of it', () => {
  const changed = long.map((round, index) => (index === 4 ? { ...round, digest: 'other words' } : round))
  expect(plan(written(plan([])), changed).map(({ level, uptoReply }) => `${level} ${uptoReply}`)).toEqual([
    '1 a4',
    '2 a5',
  ])
})
