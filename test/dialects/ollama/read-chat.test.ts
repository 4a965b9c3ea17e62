import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { Message } from '../../../src/core/chat/message.ts'
import { readChat } from '../../../src/dialects/ollama/read-chat.ts'
import { readGenerate } from '../../../src/dialects/ollama/read-generate.ts'
import { Omissions } from '../../../src/dialects/omissions.ts'
import { writeRequest } from './write-request.ts'

const word = fc.string({ minLength: 1 })
const text = word.map((said) => ({ type: 'text' as const, text: said }))
const image = fc.constantFrom('/9j/4AAQ', 'iVBORw0KGgo=').map((data) => ({
  type: 'image' as const,
  source: { kind: 'base64' as const, mediaType: data.startsWith('/9j') ? 'image/jpeg' : 'image/png', data },
}))
const jsonObject = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }))
const call = fc.record({
  type: fc.constant('tool-call' as const),
  id: word,
  name: word,
  argumentsText: jsonObject.map((fields) => JSON.stringify(fields)),
})

/** In the order in which this dialect says it: what was thought, what was said, what was called. */
const assistant = fc
  .tuple(fc.option(word), fc.option(text), fc.array(call, { maxLength: 3 }))
  .map(([thought, said, calls]) => ({
    role: 'assistant' as const,
    parts: [
      ...(thought === null ? [] : [{ type: 'reasoning' as const, text: thought }]),
      ...(said === null ? [] : [said]),
      ...calls,
    ],
  }))

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), parts: text.map((part) => [part]) }),
  fc.record({
    role: fc.constant('user' as const),
    parts: fc.tuple(text, fc.array(image, { maxLength: 2 })).map(([said, seen]) => [said, ...seen]),
  }),
  assistant,
  fc.record(
    { role: fc.constant('tool' as const), callId: word, name: word, parts: text.map((part) => [part]) },
    { requiredKeys: ['role', 'callId', 'parts'] },
  ),
)

const request: fc.Arbitrary<ChatRequest> = fc.record({
  model: word,
  messages: fc.array(message),
  tools: fc.array(
    fc.record({ name: word, description: word, parameters: jsonObject }, { requiredKeys: ['name', 'parameters'] }),
    { maxLength: 3 },
  ),
  isStream: fc.boolean(),
  maxTokens: fc.option(fc.integer({ min: 1, max: 9999 }), { nil: undefined }),
  reasoning: fc.option(
    fc.oneof(
      fc.record({ isWanted: fc.boolean() }),
      fc.record({ isWanted: fc.constant(true), effort: fc.constantFrom('low', 'high') }),
    ),
    { nil: undefined },
  ),
  responseFormat: fc.option(
    fc.oneof(
      fc.constant({ type: 'json' as const }),
      jsonObject.map((schema) => ({ type: 'schema' as const, schema })),
    ),
    { nil: undefined },
  ),
  sampling: fc.record({
    temperature: fc.option(fc.float({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
    seed: fc.nat(),
  }),
})

test('what both sides can express is read as it was written', () => {
  fc.assert(
    fc.property(request, (asked) => {
      const omissions = new Omissions()
      const { isContinuation: _isContinuation, extras, ...read } = readChat(writeRequest(asked), omissions)
      expect(read).toEqual(asked)
      expect(extras).toEqual({})
      expect(omissions.notes).toEqual([])
    }),
  )
})

test('whatever a client sends is read, and refused only where messages or the prompt are something else', () => {
  const anything = fc.dictionary(
    fc.oneof(fc.constantFrom('messages', 'tools', 'options', 'format', 'think', 'images', 'prompt', 'raw'), word),
    fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.constantFrom('role', 'content', 'tool_calls'), fc.jsonValue()))),
  )
  fc.assert(
    fc.property(anything, (json) => {
      const isList = (json['messages'] ?? null) === null || Array.isArray(json['messages'])
      const isText = (json['prompt'] ?? null) === null || typeof json['prompt'] === 'string'
      const chat = () => readChat(json, new Omissions()).isStream
      const generate = () => readGenerate(json, new Omissions()).isStream
      if (isList) expect(chat()).toBeTypeOf('boolean')
      else expect(chat).toThrow(/^Expected "messages"/)
      if (isText) expect(generate()).toBeTypeOf('boolean')
      else expect(generate).toThrow(/^Expected "prompt"/)
    }),
  )
})

test('messages that are no list and a prompt that is no text are refused, instead of loading the model', () => {
  const none = new Omissions()
  for (const messages of ['Hello', 5, {}]) {
    expect(() => readChat({ model: 'm', messages }, none)).toThrow(
      /^Expected "messages" to be a list of messages; it is a /,
    )
  }
  for (const prompt of [5, ['a'], {}]) {
    expect(() => readGenerate({ model: 'm', prompt }, none)).toThrow(/^Expected "prompt" to be a text; it is a /)
  }
  for (const nothing of [undefined, null]) {
    expect(readChat({ model: 'm', messages: nothing }, none).messages).toEqual([])
    expect(readGenerate({ model: 'm', prompt: nothing }, none).messages).toEqual([])
  }
})
