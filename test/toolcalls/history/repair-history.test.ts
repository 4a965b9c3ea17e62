import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Message } from '../../../src/core/chat/message.ts'
import { repairHistory } from '../../../src/toolcalls/history/repair-history.ts'
import { entriesOf } from '../../../src/toolcalls/history/tool-round.ts'
import { call, callPart, result, said, user } from '../../support/toolcalls/history.ts'

test('a sound history comes back as it is', () => {
  const messages = [user('go'), call('a'), result('a', 'x'), said('done')]
  expect(repairHistory(messages)).toEqual({ messages, repairs: [] })
  expect(repairHistory(messages).messages).toBe(messages)
})

test('a call without a result gets one that says so', () => {
  const { messages, repairs } = repairHistory([user('go'), call('a'), user('well?')])
  expect(repairs).toEqual([{ kind: 'missing-result', callId: 'a' }])
  expect(messages[2]).toMatchObject({ role: 'tool', callId: 'a', isError: true })
})

test('two results of one call become one, and what both said is kept', () => {
  const twice = repairHistory([call('a'), result('a', 'x'), result('a', 'x')])
  expect(twice.messages).toEqual([call('a'), result('a', 'x')])
  const differing = repairHistory([call('a'), result('a', 'x'), result('a', 'y')])
  expect(textsOf(differing.messages)).toEqual(['x\ny'])
  expect(differing.repairs).toEqual([{ kind: 'double-result', callId: 'a' }])
})

test('a result whose call was lost gets a call', () => {
  const { messages, repairs } = repairHistory([user('summary'), result('gone', 'x'), user('go on')])
  expect(repairs).toEqual([{ kind: 'orphan-result', callId: 'gone' }])
  expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
})

test('a result that came late goes to its call', () => {
  const { messages, repairs } = repairHistory([call('a'), user('hurry'), result('a', 'x')])
  expect(messages).toEqual([call('a'), result('a', 'x'), user('hurry')])
  expect(repairs).toEqual([{ kind: 'late-result', callId: 'a' }])
})

test('an id used again is told apart, in the call and in its result', () => {
  const { messages } = repairHistory([call('0'), result('0', 'x'), call('0', 'list', {}), result('0', 'y')])
  expect(messages[2]).toEqual(call('0_2', 'list', {}))
  expect(messages[3]).toEqual(result('0_2', 'y'))
})

test('whatever the history, each call has one result right behind it, and nothing said is lost', () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const message = fc.oneof(
    id.map((callId) => call(callId)),
    fc.tuple(id, id).map(([left, right]): Message => ({
      role: 'assistant',
      parts: [callPart(left, 'x', {}), callPart(right, 'y', {})],
    })),
    fc.tuple(id, fc.constantFrom('1', '2', '3')).map(([callId, text]) => result(callId, text)),
    fc.constantFrom(user('go'), said('ok')),
  )
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const repaired = repairHistory(messages).messages
      const ids = new Set<string>()
      for (const entry of entriesOf(repaired)) {
        if (!('round' in entry)) {
          expect(entry.message.role).not.toBe('tool')
          continue
        }
        const { calls, results } = entry.round
        // In whatever order they were given: to sort them would change a prompt that engines have already read.
        expect(results.map(({ callId }) => callId).toSorted()).toEqual(calls.map((part) => part.id).toSorted())
        for (const part of calls) expect(ids.has(part.id)).toBe(false)
        for (const part of calls) ids.add(part.id)
      }
      const said = textsOf(repaired).join(' ')
      for (const text of textsOf(messages)) expect(said).toContain(text)
      expect(repairHistory(repaired).repairs).toEqual([])
    }),
  )
})

function textsOf(messages: readonly Message[]): string[] {
  return messages
    .filter(({ role }) => role === 'tool')
    .map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''))
}
