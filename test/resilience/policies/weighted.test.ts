import { expect, test } from 'vitest'

import { weighted } from '../../../src/resilience/policies/weighted.ts'
import { backendsOf, load, repeatableRandom } from '../candidate-loads.ts'

const loads = [load('24-gib', { weight: 24 }), load('8-gib', { weight: 8 }), load('cpu', { weight: 1 })]

function sharesOf(place: number, draws: number): Readonly<Record<string, number>> {
  const random = repeatableRandom(7)
  const counts: Record<string, number> = {}
  for (let turn = 0; turn < draws; turn += 1) {
    const backend = backendsOf(weighted(loads, { turn, random }))[place] ?? ''
    counts[backend] = (counts[backend] ?? 0) + 1 / draws
  }
  return counts
}

test('first choices are in proportion to the weights (N5.3)', () => {
  const shares = sharesOf(0, 20_000)
  expect(shares['24-gib']).toBeCloseTo(24 / 33, 1.5)
  expect(shares['8-gib']).toBeCloseTo(8 / 33, 1.5)
  expect(shares['cpu']).toBeCloseTo(1 / 33, 1.5)
})

test('second places are in proportion to the weights that are left', () => {
  const expected = (24 / 33) * (8 / 9) + (1 / 33) * (8 / 32)
  expect(sharesOf(1, 20_000)['8-gib']).toBeCloseTo(expected, 1.5)
})

test('the same random numbers give the same order', () => {
  const once = weighted(loads, { turn: 0, random: repeatableRandom(3) })
  expect(weighted(loads, { turn: 5, random: repeatableRandom(3) })).toEqual(once)
})
