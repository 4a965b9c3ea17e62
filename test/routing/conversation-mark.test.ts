import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { conversationMark } from '../../src/routing/conversation-mark.ts'

const claims = { headers: {} }
const user = (content: unknown) => ({ role: 'user', content })
const mark = (json: Readonly<Record<string, unknown>>, more: { principal?: string; session?: string } = {}) =>
  conversationMark({
    principal: more.principal ?? 'somebody',
    claims: { headers: more.session === undefined ? {} : { 'x-llmr-conversation': more.session } },
    json,
  })

test('all turns of a conversation have one mark, whatever its system text says about the time', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.array(fc.string()), fc.string(), (first, later, system) => {
      const turn = { messages: [user(first)] }
      const grown = { messages: [{ role: 'system', content: system }, user(first), ...later.map(user)] }
      expect(mark(grown)).toBe(mark(turn))
    }),
  )
})

test('conversations of others, of other sessions and with other beginnings have others', () => {
  const json = { messages: [user('hello')] }
  const marks = [
    mark(json),
    mark(json, { principal: 'else' }),
    mark(json, { session: 'one' }),
    mark(json, { session: 'two' }),
    mark({ messages: [user('hello there')] }),
    mark({ prompt: 'hello there' }),
  ]
  expect(new Set(marks.slice(0, 5)).size).toBe(5)
  expect(marks[5]).toBe(marks[4])
})

test('a prompt counts by its beginning, parts of a message as a whole', () => {
  const long = 'x'.repeat(10_000)
  expect(mark({ prompt: `${long} more` })).toBe(mark({ prompt: long }))
  const parts = [{ type: 'text', text: 'hello' }]
  expect(mark({ messages: [user(parts)] })).toBe(mark({ messages: [user(parts), user('more')] }))
})

test('what is no conversation has none, whatever it is', () => {
  for (const json of [
    {},
    { messages: [] },
    { messages: ['?', null, 3] },
    { prompt: '' },
    { prompt: 3 },
    { input: {} },
  ]) {
    expect(conversationMark({ principal: 'somebody', claims, json })).toBeUndefined()
  }
})
