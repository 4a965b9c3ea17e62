import { array, assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { textOf } from '../../../src/core/chat/message.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { callStyleOf } from '../../../src/toolcalls/inject/call-style.ts'
import { AnswerStage } from '../../../src/toolcalls/reply/answer-stage.ts'
import { callPart, user } from '../../support/toolcalls/history.ts'

const request: ChatRequest = { model: 'm', messages: [user('What is in it?')], tools: [], sampling: {}, isStream: true }
const call = callStyleOf('m').writeCall(callPart('x', 'read', { path: 'a' }))

function play(texts: readonly string[], size = 1_000, repairsMax = 1) {
  const kinds: string[] = []
  const asks: ChatRequest[] = []
  const parts: ReplyPart[] = []
  const stage = new AnswerStage({
    format: callStyleOf('m').format,
    request,
    repairsMax,
    mintId: () => 'id',
    onIntervention: ({ kind }) => kinds.push(kind),
  })
  for (const text of texts) {
    for (let at = 0; at < text.length; at += size)
      parts.push(...stage.read({ type: 'text', text: text.slice(at, at + size) }))
    parts.push(...stage.read({ type: 'finish', reason: 'stop' }))
    const ending = stage.end()
    parts.push(...ending.parts)
    if (ending.ask === undefined) break
    asks.push(ending.ask)
  }
  return { kinds, asks, parts, reply: replyOf(parts) }
}

test('text goes on as it comes: there is nothing that it could turn out to be', () => {
  const { parts } = play(['It holds a function.'], 5)
  expect(parts.filter(({ type }) => type === 'text').length).toBeGreaterThan(1)
})

test('a call that nobody would carry out is left out, and named', () => {
  const { kinds, asks, reply } = play([`It is empty. ${call}`])
  expect(textOf(reply.parts).trim()).toBe('It is empty.')
  expect(reply.finishReason).toBe('stop')
  expect({ kinds, asks }).toEqual({ kinds: ['calls-left-out'], asks: [] })
})

test('a model that only calls is asked for an answer, once', () => {
  const { asks, reply } = play([call, 'It is empty.'])
  expect(asks).toHaveLength(1)
  expect(textOf(asks[0]?.messages.at(-1)?.parts ?? [])).toContain('no tools')
  expect(textOf(reply.parts).trim()).toBe('It is empty.')
  expect(play([call, call, 'late']).asks).toHaveLength(1)
})

test('calls that the engine has read are left out too', () => {
  const stage = new AnswerStage({
    format: callStyleOf('m').format,
    request,
    repairsMax: 0,
    mintId: () => 'id',
    onIntervention: () => undefined,
  })
  const engine: ReplyPart[] = [
    { type: 'text', text: 'Well.' },
    { type: 'call-start', call: 0, id: 'c', name: 'read' },
    { type: 'call-arguments', call: 0, text: '{}' },
    { type: 'finish', reason: 'calls' },
  ]
  const reply = replyOf([...engine.flatMap((part) => stage.read(part)), ...stage.end().parts])
  expect(reply).toMatchObject({ parts: [{ type: 'text', text: 'Well.' }], finishReason: 'stop' })
})

test('whatever a model strings together, no call and no marker of one reaches the client', () => {
  const piece = constantFrom(
    'It is. ',
    call,
    '\n',
    'Then ',
    callStyleOf('llama-3').writeCall(callPart('x', 'list', {})),
  )
  assert(
    property(array(piece, { minLength: 1, maxLength: 6 }), integer({ min: 1, max: 30 }), (pieces, size) => {
      const { reply, parts } = play([pieces.join('')], size)
      expect(reply.parts.some(({ type }) => type === 'tool-call')).toBe(false)
      expect(textOf(reply.parts)).not.toContain('<tool_call>')
      expect(parts.filter(({ type }) => type === 'finish').length).toBeLessThanOrEqual(1)
    }),
  )
})
