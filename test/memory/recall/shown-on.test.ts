import { expect, test } from 'vitest'

import { shownOn } from '../../../src/memory/recall/shown-on.ts'
import { aPath } from './a-path.ts'

const path = aPath([{}, {}, {}, {}, {}, {}])
const shown = (turns: readonly string[], olderShown: number): readonly number[] =>
  path.filter(shownOn(path, { shownTurns: new Set(turns), olderShown })).map(({ distance }) => distance)

test('what was recognised is shown, and as many before it as the client sent without being looked at', () => {
  expect(shown(['turn-0', 'turn-1'], 2)).toEqual([0, 1, 2, 3])
  expect(shown(['turn-1'], 0)).toEqual([1])
})

test('where nothing was recognised nothing is taken for shown', () => {
  expect(shown([], 5)).toEqual([])
  expect(shown(['turn-of-another-path'], 5)).toEqual([])
})
