import { expect, test } from 'vitest'

import { roundRobin } from '../../../src/resilience/policies/round-robin.ts'
import { backendsOf, load } from '../candidate-loads.ts'

const loads = [load('a'), load('b'), load('c')]
const turn = (number: number): readonly string[] => backendsOf(roundRobin(loads, { turn: number, random: Math.random }))

test('each candidate has its turn, and the next in turn is the fallback (N5.3)', () => {
  expect([0, 1, 2, 3].map(turn)).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c', 'a'],
    ['c', 'a', 'b'],
    ['a', 'b', 'c'],
  ])
})
