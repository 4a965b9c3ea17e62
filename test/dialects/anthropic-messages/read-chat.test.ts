import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'
import type { AssistantPart, FilePart, ImagePart, Message, TextPart } from '../../../src/core/chat/message.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import { LlmrError } from '../../../src/core/error.ts'
import { listAt, parseForeignJson } from '../../../src/core/foreign-json.ts'
import { readChat } from '../../../src/dialects/anthropic-messages/read-chat.ts'
import { writeMessage } from '../../../src/dialects/anthropic-messages/write-message.ts'
import { Omissions } from '../../../src/dialects/omissions.ts'
import { wholeParts } from '../reply-arbitrary.ts'
import { writeRequest } from './write-request.ts'

const word = fc.string({ minLength: 1 })
const textPart: fc.Arbitrary<TextPart> = fc.record({ type: fc.constant('text'), text: word })
const source = fc.oneof(
  fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() }),
  fc.record({
    kind: fc.constant('base64' as const),
    mediaType: fc.constantFrom('image/png', 'application/pdf'),
    data: fc.base64String(),
  }),
)
const imagePart: fc.Arbitrary<ImagePart> = fc.record({ type: fc.constant('image'), source })
const filePart: fc.Arbitrary<FilePart> = fc.record(
  {
    type: fc.constant('file' as const),
    source: fc.oneof(source, fc.record({ kind: fc.constant('text' as const), text: fc.string() })),
    name: word,
  },
  { requiredKeys: ['type', 'source'] },
)
const shownPart = fc.oneof(textPart, imagePart, filePart)
const jsonObject = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }))
const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  textPart,
  fc.record(
    { type: fc.constant('reasoning' as const), text: word, signature: fc.stringMatching(/^E[A-Za-z0-9]{8}$/) },
    { requiredKeys: ['type', 'text'] },
  ),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: word,
    name: word,
    argumentsText: jsonObject.map((fields) => JSON.stringify(fields)),
  }),
)
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), parts: fc.array(textPart) }),
  fc.record({ role: fc.constant('user' as const), parts: fc.array(shownPart) }),
  fc.record({ role: fc.constant('assistant' as const), parts: fc.array(assistantPart) }),
  fc.record(
    {
      role: fc.constant('tool' as const),
      callId: word,
      parts: fc.array(shownPart),
      isError: fc.constant(true),
    },
    { requiredKeys: ['role', 'callId', 'parts'] },
  ),
)
const tool = fc.record(
  { name: word, parameters: jsonObject, description: fc.string(), isStrict: fc.boolean() },
  { requiredKeys: ['name', 'parameters'] },
)
const share = fc.double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true })
const request: fc.Arbitrary<ChatRequest> = fc
  .record(
    {
      model: word,
      messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      tools: fc.array(tool, { maxLength: 3 }),
      toolChoice: fc.constantFrom('auto' as const, 'none' as const, 'required' as const),
      sampling: fc.record(
        { temperature: share, topP: share, topK: fc.nat(), stop: fc.array(word, { minLength: 1 }) },
        { requiredKeys: [] },
      ),
      maxTokens: fc.integer({ min: 1, max: 100_000 }),
      reasoning: fc.record(
        { isWanted: fc.boolean(), effort: fc.constantFrom('low', 'high'), maxTokens: fc.nat() },
        { requiredKeys: ['isWanted'] },
      ),
      isStream: fc.boolean(),
      cacheKey: word,
      user: word,
    },
    { requiredKeys: ['model', 'messages', 'tools', 'sampling', 'isStream'] },
  )
  .map((fields) => ({ ...fields, isContinuation: isBeginning(fields.messages.at(-1)) }))

function isBeginning(last: Message | undefined): boolean {
  if (last?.role !== 'assistant') return false
  return last.parts.some(({ type }) => type === 'text') && !last.parts.some(({ type }) => type === 'tool-call')
}

/** Through JSON, as on the wire. */
function read(json: unknown): { request: ChatRequest; notes: readonly string[] } {
  const omissions = new Omissions()
  const parsed = JSON.parse(JSON.stringify(json)) as Record<string, unknown>
  return { request: readChat(parsed, omissions), notes: omissions.notes }
}

test('what is written in this dialect is read as it was meant', () => {
  fc.assert(
    fc.property(request, (wanted) => {
      // As far as JSON can say it: -0 is 0 there.
      const said: unknown = JSON.parse(JSON.stringify(wanted))
      expect(read(writeRequest(wanted))).toEqual({ request: said, notes: [] })
    }),
  )
})

test('a reply that a client sends back with its next request is read as the engine said it', () => {
  fc.assert(
    fc.property(wholeParts, (parts) => {
      const reply = replyOf(parts)
      const facts = { requestId: '0190-ab', model: 'm', showsThinking: true }
      const content = listAt(parseForeignJson(writeMessage(reply, facts)), 'content')
      const { request: next } = read({ messages: [{ role: 'assistant', content }] })
      const said = (type: string) => (part: AssistantPart) =>
        part.type === type && part.type !== 'tool-call' && part.text.trim() !== '' ? part.text : ''
      for (const type of ['text', 'reasoning']) {
        expect(assistantParts(next).map(said(type)).join('').trim()).toBe(reply.parts.map(said(type)).join('').trim())
      }
      expect(calls(assistantParts(next))).toEqual(calls(reply.parts))
    }),
  )
})

function assistantParts({ messages: [first] }: ChatRequest): readonly AssistantPart[] {
  return first?.role === 'assistant' ? first.parts : []
}

function calls(parts: readonly AssistantPart[]): object[] {
  return parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ ...part, argumentsText: parseForeignJson(part.argumentsText || '{}') }] : [],
  )
}

const names = ['role', 'content', 'type', 'text', 'source', 'input', 'name', 'messages', 'system', 'tools', 'thinking']
const values = ['user', 'assistant', 'system', 'text', 'image', 'document', 'tool_result', 'tool_use', 'content']
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...values),
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
  ),
})).value

test('nothing that is JSON is refused but a request without messages', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), anything), (json) => {
      const hasMessages = Array.isArray(json['messages']) && json['messages'].length > 0
      if (hasMessages) expect(read(json).request.messages).toBeDefined()
      else expect(() => read(json)).toThrow(LlmrError)
    }),
  )
})

test('what a request names is told without end neither in number nor in length', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${'x'.repeat(500)}`, 1]))
  const { notes } = read({ ...many, messages: [{ role: 'user', content: 'hi' }] })
  expect(notes.join().length).toBeLessThan(2000)
  expect(notes).not.toEqual([])
})

test('the billing line goes, and with it what changes from request to request at the front of a prompt (R4)', () => {
  const prompt = (cch: string) =>
    read({
      system: [
        { type: 'text', text: `x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli; cch=${cch};` },
        { type: 'text', text: 'You are an agent.', cache_control: { type: 'ephemeral' } },
      ],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }],
    })
  expect(prompt('a1')).toEqual(prompt('b2'))
  expect(JSON.stringify(prompt('a1'))).not.toContain('billing')
})
