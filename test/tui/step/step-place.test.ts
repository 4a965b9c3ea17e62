import fc from 'fast-check'
import { expect, test } from 'vitest'

import { firstPlace, movedPlace, type StepMove } from '../../../src/tui/step/step-place.ts'
import type { StepWeight } from '../../../src/tui/step/step-run.ts'
import { stepRun } from './step-runs.ts'

const runs = [stepRun('none', 'changed', 'none', 'guarded'), stepRun('none')]
const walk = (...moves: readonly StepMove[]) => moves.reduce((place, move) => movedPlace(place, move, runs), firstPlace)

test.each<[readonly StepMove[], number]>([
  [['next', 'next'], 2],
  [['next', 'previous', 'previous'], 0],
  [['last', 'next'], 3],
  [['last', 'first'], 0],
  [['next-change'], 1],
  [['next-change', 'next-change', 'next-change'], 3],
  [['last', 'previous-change', 'previous-change'], 1],
])('%j leads to request %i', (moves, step) => {
  expect(walk(...moves).step).toBe(step)
})

test('another run begins at its first request, and beyond the last there is none', () => {
  expect(walk('next', { scrollBy: 3 }, 'next-run')).toEqual({ ...firstPlace, run: 1 })
  expect(walk('next-run', 'next-run').run).toBe(1)
  expect(walk('previous-run').run).toBe(0)
})

test('another request is seen from its top, the same one from where one was', () => {
  expect(walk({ scrollBy: 5 }, 'next').scroll).toBe(0)
  expect(walk({ scrollBy: 5 }, 'previous').scroll).toBe(5)
  expect(walk({ scrollBy: 5 }, { scrollBy: -9 }).scroll).toBe(0)
})

test('wherever one goes there is a request', () => {
  const move = fc.constantFrom<StepMove>('next', 'previous', 'first', 'last', 'next-change', 'next-run', 'previous-run')
  const weight = fc.constantFrom<StepWeight>('none', 'changed', 'guarded')
  const someRuns = fc.array(fc.array(weight, { minLength: 1 }), { minLength: 1 })
  fc.assert(
    fc.property(someRuns, fc.array(move), (weights, moves) => {
      const some = weights.map((list) => stepRun(...list))
      const place = moves.reduce((at, one) => movedPlace(at, one, some), firstPlace)
      expect(some[place.run]?.steps[place.step]).toBeDefined()
    }),
  )
})
