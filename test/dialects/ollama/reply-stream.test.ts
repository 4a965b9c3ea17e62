import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { replyOf } from '../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'
import { LlmrError } from '../../../src/core/error.ts'
import type { WaitProgress } from '../../../src/core/wait-progress.ts'
import { ReplyStream } from '../../../src/dialects/ollama/reply-stream.ts'
import { writeReply } from '../../../src/dialects/ollama/write-reply.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'
import { interleaved, split, wholeParts } from '../reply-arbitrary.ts'

const facts = { model: 'm', createdAtMs: 0, elapsedMs: () => 1500, shape: 'chat', showsThinking: true } as const

type Options = { readonly shape?: 'chat' | 'generate'; readonly showsThinking?: boolean }

function stream(parts: readonly ReplyPart[], options: Options = {}): string {
  const writer = new ReplyStream({ ...facts, ...options })
  return parts.map((part) => writer.write(part)).join('') + writer.end()
}

const options = fc.record({ shape: fc.constantFrom('chat' as const, 'generate' as const), showsThinking: fc.boolean() })

test('however the parts of a reply are cut, the client reads the same', () => {
  fc.assert(
    fc.property(
      wholeParts.chain((parts) => split(parts).map((pieces) => ({ parts, pieces }))),
      options,
      ({ parts, pieces }, how) => {
        expect(readReplyLines(stream(pieces, how))).toEqual(readReplyLines(stream(parts, how)))
      },
    ),
  )
})

test('interleaved calls are whole, and in the order in which they began', () => {
  fc.assert(
    fc.property(
      wholeParts.chain((parts) => split(parts)).chain((parts) => interleaved(parts).map((mixed) => ({ parts, mixed }))),
      ({ parts, mixed }) => {
        expect(readReplyLines(stream(mixed)).calls).toEqual(readReplyLines(stream(parts)).calls)
      },
    ),
  )
})

test('a stream and a whole reply say the same', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), options, (parts, how) => {
      const whole = JSON.stringify(writeReply(replyOf(parts), { ...facts, ...how }))
      // A reply that is whole is the last line, and says everything itself.
      expect(readReplyLines(`${whole}\n`)).toEqual(readReplyLines(stream(parts, how)))
    }),
  )
})

test('what was said comes back as it was thought, said and called', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), (parts) => {
      const { parts: said, usage, finishReason } = replyOf(parts)
      const joined = (type: string) =>
        said.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('')
      const calls = said.flatMap((part) =>
        part.type === 'tool-call'
          ? [{ name: part.name, arguments: JSON.parse(part.argumentsText || '{}') as unknown }]
          : [],
      )
      expect(readReplyLines(stream(parts))).toEqual({
        text: joined('text'),
        thinking: joined('reasoning'),
        calls,
        doneReason: finishReason === 'length' ? 'length' : 'stop',
        promptTokens: usage?.promptTokens ?? 0,
        completionTokens: usage?.completionTokens ?? 0,
        error: undefined,
        emptyLines: 0,
        isWhole: true,
      })
    }),
  )
})

test('signs of life anywhere change nothing that is said', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), fc.array(fc.boolean(), { maxLength: 30 }), options, (parts, beats, how) => {
      const writer = new ReplyStream({ ...facts, ...how })
      const text = parts.map((part, index) => (beats[index] === true ? writer.keepAlive() : '') + writer.write(part))
      const read = readReplyLines(text.join('') + writer.end())
      const quiet = readReplyLines(stream(parts, how))
      expect({ ...read, emptyLines: 0 }).toEqual(quiet)
      expect(read.emptyLines).toBe(beats.slice(0, parts.length).filter(Boolean).length)
    }),
  )
})

test('a reply that breaks off anywhere ends in an error and has no last line', () => {
  fc.assert(
    fc.property(wholeParts.chain(split), fc.nat(), (parts, at) => {
      const writer = new ReplyStream(facts)
      const said = parts.slice(0, at % parts.length).map((part) => writer.write(part))
      const last = writer.fail(new LlmrError('backend_stream_died', 'It died.'))
      expect(writer.end() + writer.keepAlive() + writer.fail(new LlmrError('internal_error', 'Again.'))).toBe('')
      expect(readReplyLines(said.join('') + last)).toMatchObject({ error: 'It died.', isWhole: false })
    }),
  )
})

const progress: WaitProgress = { model: 'm', phase: 'loading', position: 1, waitedMs: 900, withinMs: 12_000 }

test('a wait is shown as a thought to those who see thoughts, as a field to programs, and else as a line that says nothing', () => {
  const read = (style: 'comment' | 'reasoning' | 'status', showsThinking = true) => {
    const line = new ReplyStream({ ...facts, showsThinking }).writeProgress(progress, style)
    return { ...readReplyLines(line), line }
  }
  expect(read('comment')).toMatchObject({ text: '', thinking: '', emptyLines: 1 })
  expect(read('reasoning').thinking).toBe('m is loading, about 12 s left\n')
  expect(read('reasoning', false)).toMatchObject({ thinking: '', emptyLines: 1 })
  expect(JSON.parse(read('status').line)).toMatchObject({ llmr_progress: { phase: 'loading', within_ms: 12_000 } })
})

test('the time is the engine’s own where it measured it, and adds up to the whole', () => {
  const last = (parts: readonly ReplyPart[]): Record<string, number> =>
    JSON.parse(stream(parts).trimEnd().split('\n').at(-1) ?? '') as Record<string, number>
  const measured = last([{ type: 'timings', timings: { promptMs: 200, completionMs: 800 } }])
  expect(measured).toMatchObject({
    prompt_eval_duration: 2e8,
    eval_duration: 8e8,
    load_duration: 5e8,
    total_duration: 15e8,
  })
  let elapsedMs = 0
  const writer = new ReplyStream({ ...facts, elapsedMs: () => elapsedMs })
  elapsedMs = 400
  writer.write({ type: 'text', text: 'a' })
  elapsedMs = 1000
  expect(JSON.parse(writer.end())).toMatchObject({ load_duration: 4e8, eval_duration: 6e8, total_duration: 1e9 })
})

test('a client that named no model hears whose name the engine gave', () => {
  const writer = new ReplyStream({ ...facts, model: '' })
  writer.write({ type: 'start', model: 'engine' })
  expect(JSON.parse(writer.write({ type: 'text', text: 'a' }))).toMatchObject({ model: 'engine' })
})
