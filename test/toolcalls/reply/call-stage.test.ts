import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import { textOf } from '../../../src/core/chat/message.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { CallReader } from '../../../src/toolcalls/inject/call-reader.ts'
import { callStyleOf } from '../../../src/toolcalls/inject/call-style.ts'
import { CallStage } from '../../../src/toolcalls/reply/call-stage.ts'
import { callPart } from '../../support/toolcalls/history.ts'

const parameters = {
  type: 'object',
  properties: { path: { type: 'string' }, limit: { type: 'integer', minimum: 1 } },
  required: ['path'],
}
const request: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Read a.ts.' }] }],
  tools: [{ name: 'read', parameters }],
  sampling: {},
  isStream: true,
}

/** Plays a model that says these texts, one at each question. */
function play(texts: readonly string[], repairsMax = 1, toolChoice?: ChatRequest['toolChoice']) {
  let count = 0
  const kinds: string[] = []
  const asks: ChatRequest[] = []
  const parts: ReplyPart[] = []
  const stage = new CallStage({
    openReader: () =>
      new CallReader({
        style: callStyleOf('m'),
        tools: request.tools,
        mayCallInParallel: true,
        mintId: () => `id${count++}`,
        onCalls: () => undefined,
      }),
    request: { ...request, toolChoice },
    repairsMax,
    onIntervention: ({ kind }) => kinds.push(kind),
  })
  for (const text of texts) {
    parts.push(...stage.read({ type: 'text', text }), ...stage.read({ type: 'finish', reason: 'stop' }))
    const ending = stage.end()
    parts.push(...ending.parts)
    if (ending.ask === undefined) break
    asks.push(ending.ask)
    if (asks.length === texts.length) parts.push(...stage.giveUp())
  }
  return { kinds, asks, parts, reply: replyOf(parts) }
}

const call = (args: object, name = 'read') => callStyleOf('m').writeCall(callPart('x', name, args))

test('a call that does not fit its tool is asked for once more, with what is wrong about it', () => {
  const { kinds, asks, reply } = play([call({ limit: 0 }), call({ path: 'a.ts' })])
  expect(reply).toMatchObject({ finishReason: 'calls', parts: [{ name: 'read', argumentsText: '{"path":"a.ts"}' }] })
  expect(kinds).toEqual(['call-asked-again', 'call-put-right'])
  const [user, asked, verdict] = asks[0]?.messages ?? []
  expect([user, asked]).toMatchObject([
    request.messages[0],
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'id0', argumentsText: '{"limit":0}' }] },
  ])
  expect(verdict).toMatchObject({ role: 'tool', callId: 'id0', isError: true })
  expect(textOf(verdict?.parts ?? [])).toContain('`path` is missing.')
  expect(textOf(verdict?.parts ?? [])).toContain('`limit` is below its minimum of 1.')
})

test('a call that is wrong again goes to the client as it is, the better of the two', () => {
  const { kinds, asks, reply } = play([call({ path: 'a.ts', limit: 0 }), call({ limit: 0 })])
  expect(asks).toHaveLength(1)
  expect(reply).toMatchObject({ finishReason: 'calls', parts: [{ argumentsText: '{"path":"a.ts","limit":0}' }] })
  expect(kinds).toEqual(['call-asked-again', 'call-left-wrong'])
})

test('text instead of a better call is not taken for the end of the run', () => {
  const { reply } = play([call({ limit: 0 }), 'I cannot.'])
  expect(reply).toMatchObject({ finishReason: 'calls', parts: [{ type: 'tool-call' }] })
})

test('a tool that does not exist is asked about too, and calls that were right are made again with it', () => {
  const { asks, reply } = play([
    call({ path: 'a.ts' }) + call({ path: 'b.ts' }, 'delete_everything'),
    call({ path: 'a.ts' }) + call({ path: 'b.ts' }),
  ])
  expect(asks[0]?.messages.slice(2).map(({ parts }) => textOf(parts))).toEqual([
    expect.stringContaining('Make this call again as it is.'),
    expect.stringContaining('There is no tool `delete_everything`; there are read.'),
  ])
  expect(reply.parts).toMatchObject([{ argumentsText: '{"path":"a.ts"}' }, { argumentsText: '{"path":"b.ts"}' }])
})

test('where no better call can be had, the client gets the one there is', () => {
  const { kinds, reply } = play([call({ limit: 0 })])
  expect(reply).toMatchObject({ finishReason: 'calls', parts: [{ argumentsText: '{"limit":0}' }] })
  expect(kinds.at(-1)).toBe('call-left-wrong')
})

test('without repairs a wrong call passes, and is named', () => {
  const { kinds, asks, reply } = play([call({ limit: 0 })], 0)
  expect({ kinds, asks }).toEqual({ kinds: ['call-left-wrong'], asks: [] })
  expect(reply).toMatchObject({ finishReason: 'calls' })
})

test('whatever a model says at however many tries, the client gets one reply: calls or text, one finish, bounded asks', () => {
  const said = constantFrom(
    'Well.',
    '',
    call({ limit: 0 }),
    call({ path: 'a' }),
    call({ path: 1, limit: 'x' }),
    call({}, 'no'),
  )
  assert(
    property(
      record({ texts: array(said, { minLength: 1, maxLength: 6 }), repairs: integer({ min: 0, max: 3 }) }),
      (run) => {
        const { parts, asks, reply } = play(run.texts, run.repairs)
        expect(asks.length).toBeLessThanOrEqual(run.repairs)
        expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1)
        const types = new Set(reply.parts.map(({ type }) => type))
        expect(types.has('text') && types.has('tool-call')).toBe(false)
        expect(reply.finishReason === 'calls').toBe(types.has('tool-call'))
      },
    ),
  )
})

test('a call that the client insists on is asked for where the model answered instead', () => {
  const { kinds, asks, reply } = play(['I would read it.', call({ path: 'a.ts' })], 1, 'required')
  expect(kinds).toEqual(['call-asked-again', 'call-put-right'])
  expect(asks[0]?.messages.slice(1).map(({ role, parts }) => [role, textOf(parts)])).toEqual([
    ['assistant', 'I would read it.'],
    ['user', 'You must call a tool now: read. Write the call, and nothing else.'],
  ])
  expect(reply.parts).toMatchObject([{ type: 'tool-call', name: 'read' }])
})

test('a model that answers all the same is heard, and a call that is wrong is more than none', () => {
  const { kinds, reply } = play(['I would read it.', 'I said it.'], 1, { name: 'read' })
  expect(kinds).toEqual(['call-asked-again', 'call-left-wrong'])
  expect(reply.parts).toEqual([{ type: 'text', text: 'I would read it.' }])
  expect(play(['I would.', call({ limit: 0 })], 1, 'required').reply.parts).toMatchObject([
    { argumentsText: '{"limit":0}' },
  ])
  expect(play(['I would read it.']).kinds).toEqual([])
})

test('a reply that says nothing is asked for once more, and whatever comes then is better', () => {
  const answer = play(['', 'It holds nothing.'])
  expect(answer.kinds).toEqual(['call-asked-again', 'call-put-right'])
  expect(answer.reply).toMatchObject({ finishReason: 'stop', parts: [{ type: 'text', text: 'It holds nothing.' }] })
  expect(textOf(answer.asks[0]?.messages.at(-1)?.parts ?? [])).toMatch(/reply was empty/)
  const called = play([' \n', call({ path: 'a.ts' })])
  expect(called.reply).toMatchObject({ finishReason: 'calls', parts: [{ name: 'read' }] })
})

test('a model that says nothing twice has said nothing, and is asked no third time', () => {
  const { kinds, asks, reply } = play(['', '', 'Now.'])
  expect(kinds).toEqual(['call-asked-again', 'call-left-wrong'])
  expect(asks).toHaveLength(1)
  expect(reply.finishReason).toBe('stop')
})

test('words that were heard are a reply, and nothing is asked for', () => {
  expect(play(['Done.']).kinds).toEqual([])
})
