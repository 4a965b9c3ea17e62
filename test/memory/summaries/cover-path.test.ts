import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { coverPath } from '../../../src/memory/summaries/cover-path.ts'
import { pathSpans } from '../../../src/memory/summaries/path-spans.ts'
import { anyTokens, pathOf, sizes } from './paths.ts'

test('each round that any summary tells is told once, by the widest', () => {
  fc.assert(
    fc.property(anyTokens, (tokens) => {
      const spans = pathSpans(pathOf(tokens), sizes)
      const cover = coverPath(spans)
      const told = cover.flatMap(({ rounds }) => rounds.map(({ reply }) => reply))
      const level1 = spans.filter(({ level }) => level === 1)
      expect(told).toEqual(level1.flatMap(({ rounds }) => rounds.map(({ reply }) => reply)))
      expect(cover.length).toBeLessThanOrEqual(Math.max(1, 2 * sizes.fanIn * Math.ceil(Math.log(level1.length + 1))))
    }),
  )
})

test('a summary that is missing leaves its rounds untold and no other', () => {
  const cover = coverPath([
    { level: 1, fromDepth: 0, uptoDepth: 3 },
    { level: 1, fromDepth: 8, uptoDepth: 11 },
    { level: 2, fromDepth: 12, uptoDepth: 20 },
    { level: 1, fromDepth: 12, uptoDepth: 15 },
  ])
  expect(cover.map(({ fromDepth, level }) => [fromDepth, level])).toEqual([
    [0, 1],
    [8, 1],
    [12, 2],
  ])
})
