import { expect, test } from 'vitest'

import type { ChatRequest, ResponseFormat } from '../../../src/core/chat/chat-request.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { SchemaStage } from '../../../src/toolcalls/reply/schema-stage.ts'
import { said, user } from '../../support/toolcalls/history.ts'

const request: ChatRequest = { model: 'm', messages: [user('How many?')], tools: [], sampling: {}, isStream: false }
const format: ResponseFormat = {
  type: 'schema',
  schema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
}

function play(replies: readonly (string | readonly ReplyPart[])[]) {
  const kinds: string[] = []
  const asks: ChatRequest[] = []
  const parts: ReplyPart[] = []
  const stage = new SchemaStage({ request, format, onIntervention: ({ kind }) => kinds.push(kind) })
  for (const reply of replies) {
    const round: readonly ReplyPart[] =
      typeof reply === 'string'
        ? [
            { type: 'text', text: reply },
            { type: 'finish', reason: 'stop' },
          ]
        : reply
    parts.push(...round.flatMap((part) => stage.read(part)))
    const ending = stage.end()
    parts.push(...ending.parts)
    if (ending.ask === undefined) break
    asks.push(ending.ask)
    if (asks.length === replies.length) parts.push(...stage.giveUp())
  }
  expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1)
  return { kinds, asks, reply: replyOf(parts) }
}

test('an answer that is of the shape already needs no second pass', () => {
  const { asks, reply } = play(['```json\n{"count": 3}\n```'])
  expect(asks).toEqual([])
  expect(reply).toMatchObject({ parts: [{ text: '{"count": 3}' }], finishReason: 'stop' })
})

test('one that is not is asked for again with the shape and without tools, and only that is given on (N1.19)', () => {
  const { asks, kinds, reply } = play(['There are three.', '{"count":3}'])
  expect(asks).toMatchObject([
    { tools: [], responseFormat: format, messages: [request.messages[0], said('There are three.'), { role: 'user' }] },
  ])
  expect(reply.parts).toEqual([{ type: 'text', text: '{"count":3}' }])
  expect(kinds).toEqual(['schema-pass'])
})

test('calls come first: the shape is for the answer', () => {
  const { asks, reply } = play([
    [
      { type: 'text', text: 'I count.' },
      { type: 'call-start', call: 0, id: 'c', name: 'count' },
      { type: 'call-arguments', call: 0, text: '{}' },
      { type: 'finish', reason: 'calls' },
    ],
  ])
  expect(asks).toEqual([])
  expect(reply.finishReason).toBe('calls')
  expect(reply.parts).toContainEqual({ type: 'text', text: 'I count.' })
})

test('an engine that went without the schema is noticed, and its answer given on', () => {
  const { kinds, reply } = play(['There are three.', 'Three!'])
  expect(kinds).toEqual(['schema-pass', 'schema-missed'])
  expect(reply.parts).toEqual([{ type: 'text', text: 'Three!' }])
})

test('a second pass that fails leaves the answer of the first', () => {
  expect(play(['There are three.']).reply.parts).toEqual([{ type: 'text', text: 'There are three.' }])
})

test('an answer that was cut is not asked about', () => {
  const { asks, reply } = play([
    [
      { type: 'text', text: 'There are' },
      { type: 'finish', reason: 'length' },
    ],
  ])
  expect(asks).toEqual([])
  expect(reply).toMatchObject({ parts: [{ text: 'There are' }], finishReason: 'length' })
})
