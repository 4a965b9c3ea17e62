import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { recallModes } from '../../../src/core/recall-mode.ts'
import { chooseRounds } from '../../../src/memory/recall/choose-rounds.ts'
import type { IsShown } from '../../../src/memory/recall/shown-on.ts'
import { aPath } from './a-path.ts'

const none = (): boolean => false
const only =
  (...turns: readonly string[]): IsShown =>
  ({ turn }) =>
    turns.includes(turn)
const path = aPath([{}, {}, { words: [0] }, {}, {}, { words: [1] }, { words: [0, 1] }])

test('the window is the latest two rounds, that is four messages, the latest first', () => {
  expect(chooseRounds(path, { mode: 'window', isShown: none })).toEqual({
    window: ['reply-0', 'reply-1'],
    retrieved: [],
  })
})

test('what fits comes from before the window, four rounds at most, each once', () => {
  const chosen = chooseRounds(path, { mode: 'hybrid', isShown: none })
  expect(chosen.window).toEqual(['reply-0', 'reply-1'])
  expect(chosen.retrieved[0]).toBe('reply-6')
  expect(chosen.retrieved).toHaveLength(4)
})

test('where nothing fits there is the window alone', () => {
  expect(chooseRounds(aPath([{}, {}, {}, {}]), { mode: 'hybrid', isShown: none }).retrieved).toEqual([])
})

test('what the client sent along is not given back a second time, and no older round takes its place in the window', () => {
  const chosen = chooseRounds(path, { mode: 'hybrid', isShown: only('turn-0', 'turn-1', 'turn-6') })
  expect(chosen.window).toEqual([])
  expect(chosen.retrieved).not.toContain('reply-6')
  expect(chosen.retrieved).toContain('reply-5')
})

test('a client that sends the whole conversation is given nothing back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...recallModes), fc.array(fc.nat(3), { maxLength: 20 }), (mode, words) => {
      const rounds = aPath(words.map((word) => ({ words: [word], cosine: 0.9 })))
      expect(chooseRounds(rounds, { mode, isShown: () => true })).toEqual({ window: [], retrieved: [] })
    }),
  )
})

test('off gives nothing back', () => {
  expect(chooseRounds(path, { mode: 'off', isShown: none })).toEqual({ window: [], retrieved: [] })
})
