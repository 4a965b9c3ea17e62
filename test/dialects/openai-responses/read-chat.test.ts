import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { AssistantPart, Message } from '../../../src/core/chat/message.ts'
import type { KeptReply } from '../../../src/core/chat/kept-reply.ts'
import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { flatName, ToolNames } from '../../../src/dialects/openai-responses/tool-names.ts'
import { writeRequest } from './write-request.ts'

const facts = { requestId: '0190-ab', createdAtMs: 1_000, path: '/v1/responses', mintId: () => expect.unreachable() }

const word = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => text.isWellFormed())
const textPart = fc.record({ type: fc.constant('text' as const), text: word })
const source = fc.oneof(
  fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() }),
  fc.record({
    kind: fc.constant('base64' as const),
    mediaType: fc.constantFrom('image/png', 'application/pdf'),
    data: fc.base64String({ minLength: 4 }),
  }),
)
const imagePart = fc.record(
  { type: fc.constant('image' as const), source, detail: fc.constantFrom('low', 'high', 'auto') },
  { requiredKeys: ['type', 'source'] },
)
const filePart = fc.record(
  {
    type: fc.constant('file' as const),
    source: fc.oneof(source, fc.record({ kind: fc.constant('text' as const), text: word })),
    name: word,
  },
  { requiredKeys: ['type', 'source'] },
)
const shownPart = fc.oneof(textPart, imagePart, filePart)
const jsonObject = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }))
const thought = fc.record(
  { type: fc.constant('reasoning' as const), text: word, signature: fc.stringMatching(/^E[A-Za-z0-9]{8}$/) },
  { requiredKeys: ['type', 'text'] },
)
const call = fc.record({ type: fc.constant('tool-call' as const), id: word, name: word, argumentsText: fc.string() })

/** A thought, a word and calls: what a model does in one go. */
const assistantParts: fc.Arbitrary<AssistantPart[]> = fc
  .tuple(fc.array(thought, { maxLength: 1 }), fc.array(textPart, { maxLength: 1 }), fc.array(call, { maxLength: 3 }))
  .map((parts) => parts.flat())
  .filter((parts) => parts.length > 0)

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), parts: fc.array(textPart) }),
  fc.record({ role: fc.constant('user' as const), parts: fc.array(shownPart) }),
  fc.record({ role: fc.constant('assistant' as const), parts: assistantParts }),
  fc.record({ role: fc.constant('tool' as const), callId: word, parts: fc.array(shownPart) }),
)
const messages = fc
  .array(message, { minLength: 1, maxLength: 6 })
  .filter((list) => list.every(({ role }, at) => role !== 'assistant' || list[at - 1]?.role !== 'assistant'))
const share = fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true })
const tools = fc.uniqueArray(
  fc.record(
    { name: word, parameters: jsonObject, description: fc.string(), isStrict: fc.boolean() },
    { requiredKeys: ['name', 'parameters'] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
)

const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    model: word,
    messages,
    tools,
    toolChoice: fc.constantFrom('auto' as const, 'none' as const, 'required' as const),
    mayCallInParallel: fc.boolean(),
    responseFormat: fc.oneof(
      fc.constant({ type: 'json' as const }),
      fc.record(
        { type: fc.constant('schema' as const), schema: jsonObject, name: word, isStrict: fc.boolean() },
        { requiredKeys: ['type', 'schema'] },
      ),
    ),
    sampling: fc.record({ temperature: share, topP: share }, { requiredKeys: [] }),
    maxTokens: fc.integer({ min: 1, max: 100_000 }),
    reasoning: fc.constantFrom({ isWanted: false }, { effort: 'low' }, { effort: 'high' }),
    isStream: fc.boolean(),
    cacheKey: word,
    user: word,
  },
  { requiredKeys: ['model', 'messages', 'tools', 'sampling', 'isStream'] },
)

test('what both sides can express is read as it was meant', () => {
  fc.assert(
    fc.property(request, (asked) => {
      const call = openaiResponsesDialect.readChat(JSON.parse(JSON.stringify(writeRequest(asked))), facts)
      expect(call.request).toEqual(JSON.parse(JSON.stringify(asked)))
      expect(call.notes).toEqual([])
    }),
  )
})

test('a request of any shape is read, or refused as a bad request, and never a fault', () => {
  const shapes = fc.dictionary(
    fc.constantFrom(
      'input',
      'instructions',
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'metadata',
      'include',
      'model',
      'x',
    ),
    fc.jsonValue({ maxDepth: 3 }),
  )
  const items = fc.array(
    fc.dictionary(
      fc.constantFrom('type', 'role', 'content', 'output', 'arguments', 'call_id', 'name', 'id', 'summary'),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('message', 'user', 'reasoning', 'function_call', 'item_reference'),
      ),
    ),
  )
  fc.assert(
    fc.property(shapes, fc.option(items, { nil: undefined }), (json, input) => {
      try {
        openaiResponsesDialect.readReferences?.({ ...json, input })
        openaiResponsesDialect.readChat(input === undefined ? json : { ...json, input }, facts)
      } catch (error) {
        expect(error).toMatchObject({
          name: 'LlmrError',
          code: expect.stringMatching(/^(invalid_request|response_not_found)$/),
        })
      }
    }),
  )
})

test.for([
  ['nothing to answer', {}, 'input'],
  ['a number as input', { input: 7 }, 'input'],
  ['an empty list', { input: [] }, 'input'],
  ['a background response', { input: 'Hi', background: true }, 'background'],
  ['a conversation that is elsewhere', { input: 'Hi', conversation: { id: 'conv_1' } }, 'conversation'],
] as const)('%s is refused, and says which field', ([, json, param]) => {
  expect(() => openaiResponsesDialect.readChat(json, facts)).toThrow(
    expect.objectContaining({ code: 'invalid_request', facts: { param, isRetryable: false } }),
  )
})

const kept: KeptReply = {
  id: 'resp_0190aa',
  model: 'm',
  status: 'completed',
  createdMs: 1,
  inputItems: [{ id: 'msg_0190aa_i0', type: 'message', role: 'user', content: 'Hello.' }],
  outputItems: [
    { id: 'msg_0190aa_0', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] },
  ],
  metadata: {},
  fields: {},
}

test('a request that goes on has what was said before in front, without the instructions of then', () => {
  const json = { input: 'And?', instructions: 'Be brief.', previous_response_id: kept.id }
  expect(openaiResponsesDialect.readReferences?.(json)).toEqual({ previousId: kept.id, replyIds: [] })
  const { request: read } = openaiResponsesDialect.readChat(json, { ...facts, earlier: { chain: [kept], named: [] } })
  expect(read.messages.map(({ role, parts }) => [role, ...parts.map((part) => 'text' in part && part.text)])).toEqual([
    ['system', 'Be brief.'],
    ['user', 'Hello.'],
    ['assistant', 'Hi.'],
    ['user', 'And?'],
  ])
})

test('items that are only named are found in the responses that their names tell, and kept in full', () => {
  const json = {
    input: [...kept.inputItems.map(nameOnly), ...kept.outputItems.map(nameOnly), { role: 'user', content: 'And?' }],
  }
  expect(openaiResponsesDialect.readReferences?.(json)).toEqual({ replyIds: [kept.id] })
  const call = openaiResponsesDialect.readChat(json, { ...facts, earlier: { chain: [], named: [kept] } })
  expect(call.request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  const again = call.keep?.({ parts: [], finishReason: 'stop' }, 'm')
  expect(again?.inputItems.slice(0, 2)).toMatchObject([{ role: 'user' }, { role: 'assistant' }])
  expect(() => openaiResponsesDialect.readChat(json, facts)).toThrow(
    expect.objectContaining({ code: 'response_not_found' }),
  )
})

function nameOnly(item: unknown): object {
  return { type: 'item_reference', id: (item as { id: string }).id }
}

test('names of tools fit engines, are the same whenever they are said, and stay apart', () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9_-]{1,60}$/)
  fc.assert(
    fc.property(part, part, part, (namespace, one, other) => {
      fc.pre(one !== other)
      const names = new ToolNames()
      const flat = [one, other].map((name) => names.add({ kind: 'function', name, namespace }))
      expect(flat[0]).toBe(flatName({ name: one, namespace }))
      expect(flat.every((name) => (name?.length ?? 0) <= 64)).toBe(true)
      expect(new Set(flat).size).toBe(2)
      expect(names.original(flat[1] ?? '')).toEqual({ kind: 'function', name: other, namespace })
    }),
  )
})
