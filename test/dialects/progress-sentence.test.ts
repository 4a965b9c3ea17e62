import { expect, test } from 'vitest'

import { progressSentence } from '../../src/dialects/progress-sentence.ts'

const base = { model: 'coder', position: 3, waitedMs: 61_000, withinMs: 40_400 }

test.each([
  ['queued', 'coder waits for memory: number 3 in line, at most about 40 s left'],
  ['making-room', 'room is made for coder: number 3 in line, about 40 s left'],
  ['loading', 'coder is loading: number 3 in line, about 40 s left'],
  ['busy', 'coder is busy: number 3 in line, about 40 s left'],
  ['ready', 'coder is ready after 61 s'],
] as const)('%s is told as a sentence with place and time', (phase, sentence) => {
  expect(progressSentence({ ...base, phase })).toBe(sentence)
})

test('the last second is a second and not none', () => {
  expect(progressSentence({ ...base, position: 1, phase: 'loading', withinMs: 0 })).toBe(
    'coder is loading, about 1 s left',
  )
})
