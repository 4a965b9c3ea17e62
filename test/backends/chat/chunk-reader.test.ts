import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ChatStreamReader } from '../../../src/backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../../src/backends/chat/read-chat-reply.ts'
import { replyOf } from '../../../src/core/chat/reply.ts'
import type { ReplyPart } from '../../../src/core/chat/reply-part.ts'

let minted = 0
const mintId = (): string => `minted${++minted}`

const delta = (part: object, rest: object = {}): object => ({
  model: 'm',
  choices: [{ index: 0, delta: part, ...rest }],
})
const call = (part: object): object => delta({ tool_calls: [part] })

function streamOf(...chunks: readonly object[]): Buffer {
  return Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n')
}

function read(...chunks: readonly object[]): ReplyPart[] {
  const reader = new ChatStreamReader(mintId)
  return [...reader.push(streamOf(...chunks)), ...reader.end()]
}

const callsIn = (parts: readonly ReplyPart[]): object[] =>
  replyOf(parts).parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ id: part.id, name: part.name, argumentsText: part.argumentsText }] : [],
  )

test('reasoning is read under both of its names, once where an engine sends both', () => {
  const parts = read(
    delta({ reasoning_content: 'a' }),
    delta({ reasoning: 'b' }),
    delta({ reasoning_content: 'c', reasoning: 'c' }),
  )
  expect(replyOf(parts).parts).toEqual([{ type: 'reasoning', text: 'abc' }])
})

describe('tool calls', () => {
  test('a name that is repeated in every delta is the name of one call', () => {
    const parts = read(
      call({ index: 0, id: 'x', function: { name: 'look', arguments: '{"a"' } }),
      call({ index: 0, id: 'x', function: { name: 'look', arguments: ':1}' } }),
    )
    expect(callsIn(parts)).toEqual([{ id: 'x', name: 'look', argumentsText: '{"a":1}' }])
  })

  test('calls that all have the index 0 are told apart by their ids', () => {
    const parts = read(
      call({ index: 0, id: 'x', function: { name: 'one', arguments: '{}' } }),
      call({ index: 0, id: 'y', function: { name: 'two', arguments: '{}' } }),
    )
    expect(callsIn(parts)).toMatchObject([{ id: 'x' }, { id: 'y' }])
  })

  test('a call without an id has one that nobody else has', () => {
    const parts = read(
      call({ index: 0, function: { name: 'one', arguments: '{}' } }),
      call({ index: 1, function: { name: 'two', arguments: '{}' } }),
    )
    const ids = callsIn(parts).map((found) => Reflect.get(found, 'id'))
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain('')
  })

  test('arguments that are an object are the JSON of it', () => {
    expect(callsIn(read(call({ index: 0, id: 'x', function: { name: 'look', arguments: { a: [1] } } })))).toMatchObject(
      [{ argumentsText: '{"a":[1]}' }],
    )
  })

  test('arguments that come before the name wait for it', () => {
    const parts = read(
      call({ index: 0, id: 'x', function: { arguments: '{"a":' } }),
      call({ index: 0, function: { name: 'look', arguments: '1}' } }),
    )
    expect(callsIn(parts)).toEqual([{ id: 'x', name: 'look', argumentsText: '{"a":1}' }])
  })

  test('an engine that says stop after a call means that it waits for the result', () => {
    const parts = read(
      call({ index: 0, id: 'x', function: { name: 'look', arguments: '{}' } }),
      delta({}, { finish_reason: 'stop' }),
    )
    expect(replyOf(parts).finishReason).toBe('calls')
  })

  test('several whole calls without index stay several', () => {
    const whole = (name: string): object => ({ function: { name, arguments: '{}' } })
    const reply = readChatReply({ choices: [{ message: { tool_calls: [whole('one'), whole('two')] } }] }, mintId)
    expect(reply?.parts).toMatchObject([{ name: 'one' }, { name: 'two' }])
  })
})

test('usage comes from a chunk of its own, or from the timings of an engine that sends no other', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } }
  expect(replyOf(read({ choices: [], usage })).usage).toEqual({ promptTokens: 9, completionTokens: 2, cachedTokens: 4 })
  const timings = { prompt_n: 5, cache_n: 4, predicted_n: 2, prompt_ms: 1.5, predicted_ms: 20 }
  expect(replyOf(read({ choices: [], timings }))).toMatchObject({
    usage: { promptTokens: 9, completionTokens: 2, cachedTokens: 4 },
    timings: { promptMs: 1.5, completionMs: 20 },
  })
})

test('completions of text are read like words of a chat, in OpenAI’s shape and in llama-server’s own', () => {
  const openai = (text: string, finish: string | null) => ({ choices: [{ index: 0, text, finish_reason: finish }] })
  const native = { content: 'on', stop: true, stop_type: 'limit', stopping_word: '' }
  for (const chunks of [
    [openai('Once up', null), openai('on', 'length')],
    [{ content: 'Once up', stop: false }, native],
  ]) {
    expect(replyOf(read(...chunks))).toMatchObject({
      parts: [{ type: 'text', text: 'Once upon' }],
      finishReason: 'length',
    })
  }
  const word = { content: '', stop: true, stop_type: 'word', stopping_word: 'END' }
  expect(replyOf(read({ content: 'a', stop: false }, word))).toMatchObject({
    finishReason: 'stop',
    stopSequence: 'END',
  })
  expect(readChatReply({ ...native, content: 'whole' }, mintId)).toMatchObject({ parts: [{ text: 'whole' }] })
})

test('a failure inside a stream is an error and not the end', () => {
  expect(read(delta({ content: 'half' }), { error: { message: 'out of memory' } }).at(-1)).toMatchObject({
    type: 'error',
    error: { code: 'backend_failed', message: expect.stringContaining('out of memory') },
  })
})

test('what is no chat reply is none', () => {
  expect(readChatReply({ hello: 'there' }, mintId)).toBeUndefined()
})

test('however the bytes are cut on the way, the reply is the same', () => {
  const bytes = streamOf(
    delta({ role: 'assistant', content: '' }),
    delta({ reasoning_content: 'Grüße: 考え' }),
    delta({ content: 'Wörter und 🐟' }),
    call({ index: 0, id: 'x', function: { name: 'look', arguments: '{"wo":"überall"' } }),
    call({ index: 0, function: { arguments: '}' } }),
    delta({}, { finish_reason: 'tool_calls' }),
  )
  const uncut = new ChatStreamReader(mintId)
  const whole = replyOf([...uncut.push(bytes), ...uncut.end()])
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
      const reader = new ChatStreamReader(mintId)
      const edges = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
      const parts = edges.slice(1).flatMap((end, at) => reader.push(bytes.subarray(edges[at], end)))
      expect(replyOf([...parts, ...reader.end()])).toEqual(whole)
    }),
  )
})

test('whatever an engine sends, reading it throws nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.json()), (chunks) => {
      const reader = new ChatStreamReader(mintId)
      for (const chunk of chunks) reader.push(Buffer.from(`data: ${chunk}\n\n`))
      reader.end()
    }),
  )
})

test('arguments that an engine gives as JSON too deep to be written are left out, and the rest is read', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
  const message = { content: 'so', tool_calls: [{ id: 'a', function: { name: 'f', arguments: deep } }] }
  const reply = readChatReply({ choices: [{ message, finish_reason: 'tool_calls' }] }, mintId)
  expect(reply?.parts).toMatchObject([
    { type: 'text', text: 'so' },
    { type: 'tool-call', name: 'f' },
  ])
})
