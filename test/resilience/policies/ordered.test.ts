import { expect, test } from 'vitest'

import { ordered } from '../../../src/resilience/policies/ordered.ts'
import { backendsOf, load } from '../candidate-loads.ts'

test("the operator's order stands, however busy or slow the first is", () => {
  const loads = [load('main', { inFlight: 9, latencyMs: 9_000 }), load('cloud')]
  expect(backendsOf(ordered(loads, { turn: 1, random: Math.random }))).toEqual(['main', 'cloud'])
})
