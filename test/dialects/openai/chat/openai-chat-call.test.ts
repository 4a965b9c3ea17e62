import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ChatStreamReader } from '../../../../src/backends/chat/chat-stream-reader.ts'
import { readChatReply } from '../../../../src/backends/chat/read-chat-reply.ts'
import { openAiChat } from '../../../../src/backends/chat/chat-abilities.ts'
import { writeChatRequest } from '../../../../src/backends/chat/write-chat-request.ts'
import { partsOf, type Reply, replyOf } from '../../../../src/core/chat/reply.ts'
import { LlmrError } from '../../../../src/core/error.ts'
import { openaiChatCall } from '../../../../src/dialects/openai/chat/openai-chat-call.ts'
import { anyReply } from '../../../support/any-reply.ts'

const facts = { requestId: 'r', createdAtMs: 1_000, path: '/v1/chat/completions', mintId: () => 'minted' }
const callOf = (json: Record<string, unknown>) => openaiChatCall(json, facts)
const read = (said: string): Reply => replyOf(new ChatStreamReader(() => 'x').push(Buffer.from(said)))

/** What this shape can say: one text, one reasoning, then calls. */
const sayable = anyReply({ order: ['reasoning', 'text', 'refusal', 'tool-call'], hasSignatures: false })

test('a whole reply read back is the reply', () => {
  fc.assert(
    fc.property(sayable, (reply) => {
      const said = callOf({}).writeReply(reply, 'm')
      expect(readChatReply(JSON.parse(said), () => 'x')).toEqual({ ...reply, model: 'm' })
    }),
  )
})

test('a stream read back is the reply', () => {
  fc.assert(
    fc.property(sayable, (reply) => {
      const writer = callOf({ stream_options: { include_usage: true } }).openStream('m')
      const said =
        partsOf(reply)
          .map((part) => writer.write(part))
          .join('') + writer.end()
      expect(read(said)).toEqual({ ...reply, model: 'm' })
      expect(said).toMatch(/data: \[DONE\]\n\n$/)
    }),
  )
})

test('usage comes only when asked for, in a chunk of its own without choices', () => {
  const usage = { promptTokens: 3, completionTokens: 2 }
  const say = (json: Record<string, unknown>): string[] => {
    const writer = callOf(json).openStream('m')
    return (writer.write({ type: 'usage', usage }) + writer.end())
      .split('\n\n')
      .filter((event) => event.includes('usage'))
  }
  expect(say({})).toEqual([])
  expect(say({ stream_options: { include_usage: true } })).toEqual([expect.stringContaining('"choices":[]')])
})

test('a stream that broke does not look like one that ended', () => {
  const writer = callOf({}).openStream('m')
  const said = writer.write({ type: 'text', text: 'half' }) + writer.fail(new LlmrError('backend_failed', 'gone'))
  expect(said).toContain('"message":"gone"')
  expect(said).not.toMatch(/\[DONE\]|"finish_reason":"/)
})

test('a chat written for OpenAI is the one that was read, with what nobody here knows', () => {
  const chat = {
    model: 'm',
    messages: [
      { role: 'system', content: 's' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        ],
      },
      {
        role: 'assistant',
        content: 'I call',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      { role: 'tool', tool_call_id: 'c', content: 'done' },
    ],
    stream: false,
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } },
    ],
    tool_choice: { type: 'function', function: { name: 'f' } },
    parallel_tool_calls: false,
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
    max_completion_tokens: 5,
    temperature: 0,
    top_p: 0.5,
    seed: 1,
    stop: ['x'],
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    reasoning_effort: 'low',
    prompt_cache_key: 'k',
    user: 'u',
    logit_bias: { 1: 2 },
  }
  const { request, notes } = callOf(chat)
  expect(writeChatRequest(request, { model: 'm', abilities: { ...openAiChat, takesExtras: true } })).toEqual(chat)
  expect(notes).toEqual([])
})

test('a tool of a type that nobody knows is left out and named', () => {
  const { request, notes } = callOf({
    messages: [],
    tools: [{ type: 'web_search' }, { type: 'function', function: { name: 'f' } }],
  })
  expect(request.tools.map(({ name }) => name)).toEqual(['f'])
  expect(notes).toEqual(['a tool of type web_search'])
})

test('whatever a client sends, reading it throws nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.jsonValue(),
      (json, messages) => void callOf({ ...json, messages }),
    ),
  )
})
