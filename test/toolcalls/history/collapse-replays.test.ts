import fc from 'fast-check'
import { expect, test } from 'vitest'

import { collapseReplays } from '../../../src/toolcalls/history/collapse-replays.ts'
import { call, repeated, result, rounds, said, user } from '../../support/toolcalls/history.ts'
import { readTranscripts, withReplays } from '../../support/toolcalls/transcripts.ts'

const pair = [call('a'), result('a', 'text')]
const others = rounds(['list', {}, 'a b'], ['grep', { for: 'x' }, 'none'], ['read', { path: 'b' }, 'text of b'])

test('a call and its result that a client sent many times stand once (N1.16)', () => {
  const { messages, collapsed } = collapseReplays([user('go'), ...others, ...repeated(10, pair).flat()])
  expect(messages).toEqual([user('go'), ...others, ...pair])
  expect(collapsed).toBe(9)
})

test('parts of a run sent again after an abort stand once', () => {
  expect(collapseReplays([user('go'), ...others, ...others, ...pair]).messages).toEqual([
    user('go'),
    ...others,
    ...pair,
  ])
})

test('an equal call under another id is no replay', () => {
  const messages = [user('go'), ...rounds(['read', { path: 'a' }, 'x'], ['read', { path: 'a' }, 'x'])]
  expect(collapseReplays(messages)).toEqual({ messages, collapsed: 0 })
})

test('a call that brought another result is no replay', () => {
  const messages = [user('go'), ...others, call('a'), result('a', '10 %'), call('a'), result('a', '20 %')]
  expect(collapseReplays(messages).collapsed).toBe(0)
})

test('a server that gives every call one id loses nothing', () => {
  const messages = [
    user('go'),
    call('0', 'read', { path: 'a' }),
    result('0', 'x'),
    call('0', 'read', { path: 'b' }),
    result('0', 'y'),
    call('0', 'read', { path: 'a' }),
    result('0', 'x'),
  ]
  expect(collapseReplays(messages)).toEqual({ messages, collapsed: 0 })
})

test('what is no round stays where it stands, and the same history comes back when nothing was sent twice', () => {
  const messages = [user('a'), said('b'), user('a'), said('b'), ...pair]
  expect(collapseReplays(messages).messages).toBe(messages)
})

test('collapsing twice is collapsing once', () => {
  const message = fc.constantFrom(...pair, ...others, user('a'), said('b'))
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const once = collapseReplays(messages).messages
      expect(collapseReplays(once).messages).toEqual(once)
    }),
  )
})

const runs = readTranscripts().filter(({ set, label }) => set === 'real' && label === 'ok')

test.skipIf(runs.length === 0)('rounds repeated 15 times in recorded runs are collapsed', () => {
  const replayed = runs
    .map(({ messages }) => withReplays(messages, 15))
    .filter((messages, index) => messages.length > (runs[index]?.messages.length ?? 0))
  const collapsed = replayed.filter((messages) => collapseReplays(messages).collapsed === 15)
  console.log(`${collapsed.length}/${replayed.length} collapsed`)
  expect(collapsed.length / replayed.length).toBeGreaterThanOrEqual(0.95)
})
