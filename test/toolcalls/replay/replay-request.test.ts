import { expect, test } from 'vitest'

import type { RequestCare } from '../../../src/toolcalls/prepare/prepare-request.ts'
import { progressPreset } from '../../../src/toolcalls/loop/loop-options.ts'
import { hasFired, replayRequest } from '../../../src/toolcalls/replay/replay-request.ts'
import { repeated, rounds, user } from '../../support/toolcalls/history.ts'

const care = { repairs: true, guard: progressPreset, hints: true }
const loop = [user('Read a.'), ...rounds(...repeated(4, ['read', { path: 'a' }, 'text'] as const))]
const replayAll = (some = requests, how: RequestCare = care) => some.map((request) => replayRequest(request, how))
const requests = [1, 3, 5, 7, 9].map((length) => ({ messages: loop.slice(0, length), tools: [] }))

test('tells at each request how near the guard was, what it did and what would be sent', () => {
  const steps = replayAll()
  expect(steps.map(({ rounds: count, rule, count: at, threshold }) => [count, rule, at, threshold])).toEqual([
    [0, undefined, undefined, undefined],
    [1, undefined, undefined, undefined],
    [2, 'same-call', 2, 3],
    [3, 'same-call', 3, 3],
    [4, 'same-call', 4, 3],
  ])
  expect(steps.map(({ interventions }) => interventions.map(({ kind }) => kind))).toEqual([
    [],
    [],
    [],
    ['nudge'],
    ['final-answer'],
  ])
  expect(steps.map(({ prepared }) => prepared.messages.length)).toEqual([1, 3, 5, 7, 1])
  expect(steps.map(({ prepared }, index) => prepared === requests[index])).toEqual([true, true, true, false, false])
})

test('a guard fired only where it did something', () => {
  expect(hasFired(replayAll(requests.slice(0, 3)))).toBe(false)
  expect(hasFired(replayAll())).toBe(true)
  expect(hasFired(replayAll(requests, { ...care, guard: undefined }))).toBe(false)
})
