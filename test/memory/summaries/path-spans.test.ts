import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { pathSpans } from '../../../src/memory/summaries/path-spans.ts'
import { anyTokens, pathOf, sizes } from './paths.ts'

const keys = (tokens: readonly number[]) =>
  pathSpans(pathOf(tokens), sizes).map(({ level, source }) => `${level} ${source}`)

test('spans of level 1 hold every round once, in order, but for an end that is not full yet', () => {
  fc.assert(
    fc.property(anyTokens, (tokens) => {
      const rounds = pathOf(tokens)
      const spans = pathSpans(rounds, sizes).filter(({ level }) => level === 1)
      const inSpans = spans.flatMap((span) => span.rounds)
      expect(inSpans).toEqual(rounds.slice(0, inSpans.length))
      const rest = rounds.slice(inSpans.length).reduce((sum, round) => sum + round.tokens, 0)
      expect(rest).toBeLessThan(sizes.spanTokens)
      for (const span of spans) {
        const last = span.rounds.at(-1)
        expect(span.uptoReply).toBe(last?.reply)
        const before = span.rounds.slice(0, -1).reduce((sum, round) => sum + round.tokens, 0)
        expect(before).toBeLessThan(sizes.spanTokens)
      }
    }),
  )
})

test('a path that goes on keeps the spans it had', () => {
  fc.assert(
    fc.property(anyTokens, anyTokens, (tokens, more) => {
      expect(keys([...tokens, ...more])).toEqual(expect.arrayContaining(keys(tokens)))
    }),
  )
})

test('two branches share the spans before their fork, and no other', () => {
  fc.assert(
    fc.property(anyTokens, anyTokens, anyTokens, (common, one, other) => {
      const depth = common.length
      const spans = (branch: string, tokens: readonly number[]) =>
        pathSpans([...pathOf(common), ...pathOf(tokens, { branch, depth })], sizes).map(
          ({ uptoReply, level }) => `${level} ${uptoReply}`,
        )
      const shared = spans('b', one).filter((key) => new Set(spans('c', other)).has(key))
      const before = pathSpans(pathOf(common), sizes).map(({ uptoReply, level }) => `${level} ${uptoReply}`)
      expect(shared.toSorted()).toEqual(before.toSorted())
    }),
  )
})

test('so many spans make one of the next level, which tells what they tell', () => {
  const spans = pathSpans(pathOf(Array.from({ length: 20 }, () => 50)), sizes)
  expect(spans.map(({ level }) => level)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3])
  const [top] = spans.slice(-1)
  expect(top).toMatchObject({ fromDepth: 0, uptoDepth: 17, uptoReply: 'a17' })
  expect(top?.children.map(({ level }) => level)).toEqual([2, 2, 2])
})

test('what was said differently makes another source, up to the top', () => {
  const rounds = pathOf(Array.from({ length: 6 }, () => 100))
  const changed = rounds.map((round, index) => (index === 1 ? { ...round, digest: 'other words' } : round))
  const sources = pathSpans(rounds, sizes).map(({ source }) => source)
  const after = pathSpans(changed, sizes).map(({ source }) => source)
  expect(sources.map((source, index) => source !== after[index])).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
    true,
    false,
  ])
})
