import { expect, test } from 'vitest'

import { llamaCppChat, openAiChat, vllmChat } from '../../../src/backends/chat/chat-abilities.ts'
import { writeChatRequest } from '../../../src/backends/chat/write-chat-request.ts'
import type { ChatRequest } from '../../../src/core/chat/chat-request.ts'

const plain: ChatRequest = {
  model: 'asked',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  sampling: {},
  isStream: false,
}

const write = (change: Partial<ChatRequest>, abilities = llamaCppChat) =>
  writeChatRequest({ ...plain, ...change }, { model: 'm', abilities })

test('what nobody said is not sent', () => {
  expect(write({})).toEqual({ model: 'm', stream: false, messages: [{ role: 'user', content: 'hi' }] })
})

test('sampling goes under the names of the engine, and not at all where it has none', () => {
  const sampling = { temperature: 0.5, topK: 40, minP: 0.1, repeatPenalty: 1.1 }
  expect(write({ sampling })).toMatchObject({ temperature: 0.5, top_k: 40, min_p: 0.1, repeat_penalty: 1.1 })
  expect(write({ sampling }, vllmChat)).toMatchObject({ repetition_penalty: 1.1 })
  expect(Object.keys(write({ sampling }, openAiChat))).toEqual(['model', 'messages', 'stream', 'temperature'])
})

test('the limit of the reply has the name that the engine knows', () => {
  expect(write({ maxTokens: 5 })).toMatchObject({ max_tokens: 5 })
  expect(write({ maxTokens: 5 }, openAiChat)).toMatchObject({ max_completion_tokens: 5 })
})

test('a limit that prompt and context leave no room for is left out, since engines refuse it', () => {
  const options = { model: 'm', abilities: vllmChat, roomForReply: 1000 }
  expect(writeChatRequest({ ...plain, maxTokens: 32_000 }, options)).not.toHaveProperty('max_tokens')
  expect(writeChatRequest({ ...plain, maxTokens: 1000 }, options)).toMatchObject({ max_tokens: 1000 })
})

test.for([
  ['low', 'low', 'low'],
  ['minimal', 'low', 'minimal'],
  ['xhigh', 'high', 'xhigh'],
  ['max', 'high', 'max'],
] as const)('the effort "%s" is "%s" to a template', ([effort, templates, others]) => {
  const reasoning = { isWanted: true, effort }
  expect(write({ reasoning })).toMatchObject({ reasoning_effort: templates })
  expect(write({ reasoning }, openAiChat)).toMatchObject({ reasoning_effort: others })
})

test('texts of one message do not run together, whoever speaks', () => {
  const parts = [
    { type: 'text', text: 'One.' },
    { type: 'text', text: 'Two.' },
  ] as const
  const messages: ChatRequest['messages'] = [
    { role: 'user', parts },
    { role: 'tool', callId: 'c', parts },
  ]
  expect(write({ messages })['messages']).toEqual([
    { role: 'user', content: 'One.\nTwo.' },
    { role: 'tool', tool_call_id: 'c', content: 'One.\nTwo.' },
  ])
})

test('a stream is asked to say what it cost', () => {
  expect(write({ isStream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } })
})

test('no thinking is said to the template, unless the client told the template itself', () => {
  const reasoning = { isWanted: false }
  expect(write({ reasoning })).toMatchObject({ chat_template_kwargs: { enable_thinking: false } })
  const extras = { chat_template_kwargs: { enable_thinking: true } }
  expect(write({ reasoning, extras })).toMatchObject(extras)
})

test('a beginning that the model is to go on with is marked where the engine wants it marked', () => {
  const messages: ChatRequest['messages'] = [
    ...plain.messages,
    { role: 'assistant', parts: [{ type: 'text', text: '{' }] },
  ]
  expect(write({ messages, isContinuation: true }, vllmChat)).toMatchObject({ continue_final_message: true })
  expect(write({ messages, isContinuation: true })).not.toHaveProperty('continue_final_message')
})

test('earlier calls and reasoning go back as the engine wrote them', () => {
  const messages: ChatRequest['messages'] = [
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm' },
        { type: 'tool-call', id: 'c', name: 'look', argumentsText: '{"a":1}' },
      ],
    },
    { role: 'tool', callId: 'c', parts: [{ type: 'text', text: 'seen' }] },
  ]
  const calls = [{ id: 'c', type: 'function', function: { name: 'look', arguments: '{"a":1}' } }]
  const result = { role: 'tool', tool_call_id: 'c', content: 'seen' }
  expect(write({ messages })['messages']).toEqual([
    { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: calls },
    result,
  ])
  expect(write({ messages }, openAiChat)['messages']).toEqual([
    { role: 'assistant', content: null, tool_calls: calls },
    result,
  ])
})

test('pictures that tools gave follow the last result of the turn, which are not parted', () => {
  const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const
  const messages: ChatRequest['messages'] = [
    { role: 'tool', callId: '1', parts: [{ type: 'image', source }] },
    { role: 'tool', callId: '2', parts: [{ type: 'text', text: 'x' }], isError: true },
  ]
  expect(write({ messages })['messages']).toEqual([
    { role: 'tool', tool_call_id: '1', content: '[image, shown below]' },
    { role: 'tool', tool_call_id: '2', content: 'Error: x' },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
  ])
})

test('a document with text is given as text, another as a file', () => {
  const messages: ChatRequest['messages'] = [
    {
      role: 'user',
      parts: [
        { type: 'file', name: 'a.txt', source: { kind: 'text', text: 'words' } },
        { type: 'file', name: 'b.pdf', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' } },
      ],
    },
  ]
  expect(write({ messages })['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: '<document name="a.txt">\nwords\n</document>' },
        { type: 'file', file: { filename: 'b.pdf', file_data: 'data:application/pdf;base64,AAAA' } },
      ],
    },
  ])
})

test('a reply that has begun has no thoughts any more: llama.cpp refuses a request for both', () => {
  const messages: ChatRequest['messages'] = [
    ...plain.messages,
    { role: 'assistant', parts: [{ type: 'text', text: '{' }] },
  ]
  const begun = { messages, isContinuation: true, reasoning: { isWanted: true, effort: 'high' } }
  expect(write(begun)).toMatchObject({ chat_template_kwargs: { enable_thinking: false } })
  expect(write(begun)).not.toHaveProperty('reasoning_effort')
  expect(write(begun, openAiChat)).toMatchObject({ reasoning_effort: 'high' })
})

test('a file that is only an address is named, and never an address for the engine to fetch', () => {
  const source = { kind: 'url', url: 'http://10.0.0.1/secret.pdf' } as const
  const messages: ChatRequest['messages'] = [{ role: 'user', parts: [{ type: 'file', source, name: 'a.pdf' }] }]
  expect(JSON.stringify(write({ messages }))).not.toContain(source.url)
  expect(JSON.stringify(write({ messages }))).toContain('[file a.pdf: cannot be shown here]')
})
