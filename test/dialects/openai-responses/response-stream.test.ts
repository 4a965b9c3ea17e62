import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { replyOf } from '../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { LlmrError } from '../../../src/core/error.ts'
import { at, listAt, parseForeignJson } from '../../../src/core/foreign-json.ts'
import type { WaitProgress } from '../../../src/core/wait-progress.ts'
import type { ChatCall } from '../../../src/dialects/chat-dialect.ts'
import { openaiResponsesDialect } from '../../../src/dialects/openai-responses/openai-responses-dialect.ts'
import { readItems } from '../../../src/dialects/openai-responses/read-items.ts'
import { Omissions } from '../../../src/dialects/omissions.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'
import { interleaved, split, wholeParts } from '../reply-arbitrary.ts'

const facts = { requestId: '0190-ab', createdAtMs: 1_000, path: '/v1/responses', mintId: () => expect.unreachable() }

/** One request for each way in which thoughts and calls can be told. */
const requests = [
  { input: 'Hi' },
  { input: 'Hi', reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] },
  { input: 'Hi', tools: 'abcdefghijklmnopqrstuvwxyz_'.split('').map((name) => ({ type: 'custom', name })) },
]
const anyCall = fc.constantFrom(...requests).map((request) => openaiResponsesDialect.readChat(request, facts))

function stream(call: ChatCall, parts: readonly ReplyPart[]): string {
  const writer = call.openStream('m')
  return parts.map((part) => writer.write(part)).join('') + writer.end({ isKept: true })
}

test('however the parts of a reply are cut, the client reads the same response, in the order of the rules', () => {
  fc.assert(
    fc.property(
      anyCall,
      wholeParts.chain((parts) => split(parts).map((pieces) => ({ parts, pieces }))),
      (call, { parts, pieces }) => {
        const { response, ending } = readResponseStream(stream(call, pieces))
        expect(response).toEqual(readResponseStream(stream(call, parts)).response)
        expect(ending).toBeDefined()
      },
    ),
  )
})

test('a stream, a whole reply and what is kept of it say the same', () => {
  fc.assert(
    fc.property(anyCall, wholeParts.chain(split), (call, parts) => {
      const streamed = readResponseStream(stream(call, parts)).response
      expect(parseForeignJson(call.writeReply(replyOf(parts), 'm', { isKept: true }))).toEqual(streamed)
      const kept = call.keep?.(replyOf(parts), 'm')
      expect(kept).toMatchObject({ id: at(streamed, 'id'), outputItems: listAt(streamed, 'output') })
    }),
  )
})

test('interleaved calls come one after the other, whole', () => {
  fc.assert(
    fc.property(
      anyCall,
      wholeParts.chain((parts) => split(parts)).chain((parts) => interleaved(parts).map((mixed) => ({ parts, mixed }))),
      (call, { parts, mixed }) => {
        const calls = (said: readonly ReplyPart[]) =>
          readResponseStream(stream(call, said))
            .items.filter((item) => at(item, 'call_id') !== undefined)
            .map((item) => [at(item, 'call_id'), at(item, 'arguments'), at(item, 'input')])
        expect(calls(mixed)).toEqual(calls(parts))
      },
    ),
  )
})

test('what was said comes back as it was thought, said and called, in one message of the assistant', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), fc.constantFrom(...requests.slice(0, 2)), (parts, request) => {
      const call = openaiResponsesDialect.readChat(request, facts)
      const { items } = readResponseStream(stream(call, parts))
      const read = readItems(items, new Omissions()).flatMap((message) =>
        message.role === 'assistant' ? message.parts : [],
      )
      const said = replyOf(parts).parts.map((part) =>
        part.type === 'tool-call' ? { ...part, argumentsText: part.argumentsText || '{}' } : part,
      )
      const joined = (list: typeof read, type: string) =>
        list.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
      expect(joined(read, 'reasoning')).toBe(joined(said, 'reasoning'))
      // Text that is nothing but white space is left out on purpose, wherever it stands.
      const words = (list: typeof read) => joined(list, 'text').replaceAll(/\s/g, '')
      expect(words(read)).toBe(words(said))
      expect(read.filter(({ type }) => type === 'tool-call')).toEqual(said.filter(({ type }) => type === 'tool-call'))
    }),
  )
})

test('signs of life anywhere change nothing that is said', () => {
  fc.assert(
    fc.property(anyCall, wholeParts.chain(split), fc.array(fc.boolean(), { maxLength: 30 }), (call, parts, beats) => {
      const writer = call.openStream('m')
      let text = ''
      for (const [index, part] of parts.entries()) {
        if (beats[index] === true) {
          const sign = writer.keepAlive(false)
          expect(sign).toContain('event: response.in_progress')
          text += sign
        }
        text += writer.write(part)
      }
      const { response } = readResponseStream(text + writer.end({ isKept: true }))
      expect(response).toEqual(readResponseStream(stream(call, parts)).response)
    }),
  )
})

test('a stream that breaks off ends with an error and a failed response, whatever came before', () => {
  fc.assert(
    fc.property(anyCall, wholeParts.chain(split), fc.nat(), fc.boolean(), (call, parts, cut, isEngines) => {
      const error = new LlmrError('backend_stream_died', 'The reply broke off.')
      const writer = call.openStream('m')
      const said = parts.slice(0, cut % parts.length).map((part) => writer.write(part))
      const last = isEngines ? writer.write({ type: 'error', error }) : writer.fail(error)
      const {
        ending,
        error: told,
        response,
      } = readResponseStream(said.join('') + last + writer.end() + writer.fail(error) + writer.keepAlive(true))
      expect(ending).toBe('failed')
      expect(told).toMatchObject({ type: 'error', code: 'backend_stream_died', message: 'The reply broke off.' })
      expect(response).toMatchObject({ error: { code: 'backend_stream_died' }, store: false })
    }),
  )
})

const progress: WaitProgress = { model: 'coder', phase: 'loading', position: 1, waitedMs: 900, withinMs: 12_000 }

test("a wait for the model shown as a thought is an item of its own, which is nobody's when it comes back", () => {
  const call = openaiResponsesDialect.readChat({ input: 'Hi', reasoning: { summary: 'auto' } }, facts)
  const writer = call.openStream('m')
  const told =
    (writer.writeProgress?.(progress, 'reasoning') ?? '') + (writer.writeProgress?.(progress, 'reasoning') ?? '')
  const parts: ReplyPart[] = [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'Yes.' },
  ]
  const said = parts.map((part) => writer.write(part)).join('')
  const { items } = readResponseStream(told + said + writer.end({ isKept: true }))
  const sentence = 'coder is loading, about 12 s left\n'
  expect(items[0]).toMatchObject({ type: 'reasoning', summary: [{ text: sentence + sentence }] })
  expect(readItems(items, new Omissions())).toEqual([{ role: 'assistant', parts }])
  expect(call.keep?.(replyOf(parts), 'm').outputItems, 'the same names, without the notice').toEqual(items.slice(1))
})

test('a wait told by status is an event that clients know, and by comment none at all', () => {
  const writer = openaiResponsesDialect.readChat({ input: 'Hi' }, facts).openStream('m')
  expect(writer.writeProgress?.(progress, 'comment')).toMatch(/^: llmr: coder is loading/)
  const status = writer.writeProgress?.(progress, 'status') ?? ''
  expect(status).toContain('"llmr_progress":{"version":1,"model":"coder"')
  expect(readResponseStream(status + writer.end()).items).toEqual([])
})

test('text of a free-text tool flows while it is written', () => {
  const request = { input: 'Hi', tools: [{ type: 'custom', name: 'apply_patch' }] }
  const writer = openaiResponsesDialect.readChat(request, facts).openStream('m')
  writer.write({ type: 'call-start', call: 0, id: 'c', name: 'apply_patch' })
  expect(writer.write({ type: 'call-arguments', call: 0, text: '{"inp' })).toBe('')
  expect(writer.write({ type: 'call-arguments', call: 0, text: 'ut":"a\\nb' })).toContain('"delta":"a\\nb"')
})

test('a client that asked for no model is told which one answers', () => {
  const call = openaiResponsesDialect.readChat({ input: 'Hi' }, facts)
  const writer = call.openStream('')
  const text = writer.write({ type: 'start', model: 'engine' }) + writer.end()
  expect(readResponseStream(text).response).toMatchObject({ model: 'engine' })
})

test('a reply that could not be kept says so at its end, and one that was not to be kept all along', () => {
  const stored = (request: Record<string, unknown>, isKept: boolean) => {
    const writer = openaiResponsesDialect.readChat(request, facts).openStream('m')
    return at(readResponseStream(writer.end({ isKept })).response, 'store')
  }
  expect([stored({ input: 'Hi' }, true), stored({ input: 'Hi' }, false)]).toEqual([true, false])
  expect(stored({ input: 'Hi', store: false }, true)).toBe(false)
  expect(openaiResponsesDialect.readChat({ input: 'Hi', store: false }, facts).keep).toBeUndefined()
})
