import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { replyOf } from '../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import type { WaitProgress } from '../../../src/core/wait-progress.ts'
import { LlmrError } from '../../../src/core/error.ts'
import { objectAt, parseForeignJson, textAt, listAt } from '../../../src/core/foreign-json.ts'
import { MessageStream } from '../../../src/dialects/anthropic-messages/message-stream.ts'
import { readChat } from '../../../src/dialects/anthropic-messages/read-chat.ts'
import { writeMessage } from '../../../src/dialects/anthropic-messages/write-message.ts'
import { Omissions } from '../../../src/dialects/omissions.ts'
import { type ReadBlock, readMessageStream } from '../../support/read-message-stream.ts'
import { interleaved, split, wholeParts } from '../reply-arbitrary.ts'

const facts = { requestId: '0190-ab', model: 'm', showsThinking: true, promptTokens: 7 }

function stream(parts: readonly ReplyPart[], options: Partial<typeof facts> = {}): string {
  const writer = new MessageStream({ ...facts, ...options })
  return parts.map((part) => writer.write(part)).join('') + writer.end()
}

const call = (number: number, text: string): ReplyPart[] => [
  { type: 'call-start', call: number, id: `call_${number}`, name: `tool_${number}` },
  { type: 'call-arguments', call: number, text },
]

const blank: ReplyPart = { type: 'text', text: '\n\n' }
const words: ReplyPart = { type: 'text', text: 'Words.' }
const thought: ReplyPart = { type: 'reasoning', text: 'Hm.' }

test('however the parts of a reply are cut, the client reads the same message, in the order of the rules', () => {
  fc.assert(
    fc.property(
      wholeParts.chain((parts) => split(parts).map((pieces) => ({ parts, pieces }))),
      fc.boolean(),
      ({ parts, pieces }, showsThinking) => {
        expect(readMessageStream(stream(pieces, { showsThinking }))).toMatchObject({
          ...readMessageStream(stream(parts, { showsThinking })),
          emptyDeltas: 0,
        })
      },
    ),
  )
})

test('interleaved calls come one after the other, whole', () => {
  fc.assert(
    fc.property(
      wholeParts.chain((parts) => split(parts)).chain((parts) => interleaved(parts).map((mixed) => ({ parts, mixed }))),
      ({ parts, mixed }) => {
        const calls = (text: string) => readMessageStream(text).blocks.filter(({ type }) => type === 'tool_use')
        expect(calls(stream(mixed))).toEqual(calls(stream(parts)))
      },
    ),
  )
})

test('a stream and a whole reply say the same', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), fc.boolean(), (parts, showsThinking) => {
      const streamed = readMessageStream(stream(parts, { showsThinking }))
      const whole = parseForeignJson(writeMessage(replyOf(parts), { ...facts, showsThinking }))
      expect(listAt(whole, 'content')).toEqual(streamed.blocks.map(asWhole))
      expect(whole).toMatchObject({ stop_reason: streamed.stopReason, usage: streamed.usage })
    }),
    // White space alone: before a call, before a thought, between two thoughts, before a refusal.
    {
      examples: [
        [[blank, ...call(0, '{}'), words], true],
        [[blank, thought, words], true],
        [[thought, blank, thought, words], true],
        [[blank, { type: 'refusal', text: 'No.' }], true],
        [[blank, thought, words], false],
      ],
    },
  )
})

function asWhole({ type, text, id, name, signature }: ReadBlock): object {
  if (type === 'text') return { type, text }
  if (type === 'thinking') return { type, thinking: text, signature }
  return { type, id, name, input: objectAt(parseForeignJson(text)) }
}

test('signs of life anywhere change nothing that is said, and content is there when it is due', () => {
  fc.assert(
    fc.property(
      wholeParts.chain(split),
      fc.array(fc.constantFrom(undefined, false, true), { maxLength: 30 }),
      fc.boolean(),
      (parts, beats, showsThinking) => {
        const writer = new MessageStream({ ...facts, showsThinking })
        let text = ''
        for (const [index, part] of parts.entries()) {
          const beat = beats[index]
          if (beat !== undefined) {
            const sign = writer.keepAlive(beat)
            expect(sign).toContain(beat ? 'content_block_delta' : 'ping')
            text += sign
          }
          text += writer.write(part)
        }
        const { blocks } = readMessageStream(text + writer.end())
        const said = blocks.filter((block) => block.text !== '')
        const quiet = readMessageStream(stream(parts, { showsThinking })).blocks
        expect(said.map(withoutSignature)).toEqual(quiet.map(withoutSignature))
        expect(blocks.length - said.length).toBeLessThanOrEqual(1)
      },
    ),
  )
})

function withoutSignature({ type, text, id, name }: ReadBlock): object {
  return { type, text, id, name }
}

const progress: WaitProgress = { model: 'coder', phase: 'loading', position: 1, waitedMs: 900, withinMs: 12_000 }

test("a wait for the model shown as a thought is a block of its own, which is nobody's when it comes back", () => {
  const writer = new MessageStream(facts)
  const waited = writer.writeProgress(progress, 'reasoning') + writer.writeProgress(progress, 'reasoning')
  const said = writer.write({ type: 'reasoning', text: 'Hm.' }) + writer.write({ type: 'text', text: 'Yes.' })
  const { blocks } = readMessageStream(waited + said + writer.end())
  const sentence = 'coder is loading, about 12 s left\n'
  expect(blocks.map(({ type, text }) => [type, text])).toEqual([
    ['thinking', sentence + sentence],
    ['thinking', 'Hm.'],
    ['text', 'Yes.'],
  ])
  const messages = [{ role: 'assistant', content: blocks.map(asWhole) }]
  expect(readChat({ messages }, new Omissions()).messages).toEqual([
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
    },
  ])
})

test.for(['comment', 'reasoning', 'status'] as const)(
  'a wait told by %s is no part of a reply without thoughts',
  (style) => {
    const writer = new MessageStream({ ...facts, showsThinking: false })
    const told = writer.writeProgress(progress, style)
    expect(told).toContain('coder is loading, about 12 s left')
    // Whoever watches for content counts on every style but the comment.
    expect(told.includes('content_block_delta')).toBe(style !== 'comment')
    const { blocks, isWhole } = readMessageStream(told + writer.write({ type: 'text', text: 'Yes.' }) + writer.end())
    expect(blocks).toMatchObject([{ type: 'text', text: 'Yes.' }])
    expect(isWhole).toBe(true)
  },
)

test('a call flows while it is written, and the next one as soon as the first is whole', () => {
  const writer = new MessageStream(facts)
  const [start, begin] = call(0, '{"a":"}')
  const said = (part: ReplyPart | undefined) => (part === undefined ? '' : writer.write(part))
  said(start)
  expect(said(begin)).toContain('partial_json')
  const [secondStart, secondArguments] = call(1, '{}')
  expect(said(secondStart)).toBe('')
  expect(said(secondArguments)).toBe('')
  const closed = writer.write({ type: 'call-arguments', call: 0, text: '"}' })
  expect(closed.match(/event: \w+/g)).toEqual([
    'event: content_block_delta',
    'event: content_block_stop',
    'event: content_block_start',
    'event: content_block_delta',
  ])
  expect(writer.write({ type: 'text', text: 'done' })).toContain('"text":"done"')
})

test('a signature that the engine gave is the one sent, once and last', () => {
  const { blocks } = readMessageStream(
    stream([
      { type: 'reasoning', text: 'hm' },
      { type: 'reasoning', text: '', signature: 'real' },
      { type: 'text', text: 'hello' },
    ]),
  )
  expect(blocks).toEqual([
    { type: 'thinking', text: 'hm', signature: 'real', id: undefined, name: undefined },
    { type: 'text', text: 'hello', id: undefined, name: undefined },
  ])
})

test('the prompt is counted by estimate at the start, and at the end as the engine did, cached tokens apart', () => {
  const { start, usage } = readMessageStream(
    stream([
      { type: 'text', text: 'hi' },
      { type: 'usage', usage: { promptTokens: 100, cachedTokens: 90, completionTokens: 2, reasoningTokens: 1 } },
    ]),
  )
  expect(start).toMatchObject({ usage: { input_tokens: 7, cache_read_input_tokens: 0, output_tokens: 0 } })
  expect(usage).toEqual({
    input_tokens: 10,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 90,
    output_tokens: 2,
    output_tokens_details: { thinking_tokens: 1 },
  })
})

test('an engine that counts nothing gets an estimate of what it said', () => {
  expect(readMessageStream(stream([{ type: 'text', text: 'x'.repeat(40) }])).usage).toEqual({ output_tokens: 10 })
})

test('a stream that breaks off ends with an error and does not look whole', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), fc.nat(), fc.boolean(), (parts, cut, isEngines) => {
      const error = new LlmrError('backend_stream_died', 'The reply broke off.')
      const writer = new MessageStream(facts)
      const said = parts.slice(0, cut % parts.length).map((part) => writer.write(part))
      const last = isEngines ? writer.write({ type: 'error', error }) : writer.fail(error)
      const message = readMessageStream(
        said.join('') + last + writer.end() + writer.fail(error) + writer.keepAlive(true),
      )
      expect(message).toMatchObject({ isWhole: false, stopReason: undefined })
      expect(message.error).toEqual({
        type: 'error',
        error: { type: 'overloaded_error', message: 'The reply broke off.' },
        request_id: facts.requestId,
      })
    }),
  )
})

test('a client that asked for no model is told which one answers', () => {
  const parts: ReplyPart[] = [{ type: 'start', model: 'engine' }]
  expect(textAt(readMessageStream(stream(parts, { model: '' })).start, 'model')).toBe('engine')
  expect(textAt(readMessageStream(stream(parts)).start, 'model')).toBe('m')
})
