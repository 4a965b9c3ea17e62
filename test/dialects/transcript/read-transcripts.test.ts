import { expect, test } from 'vitest'

import { readTranscripts } from '../../../src/dialects/transcript/read-transcripts.ts'

const call = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }],
}
const messages = [{ role: 'user', content: 'Read.' }, call, { role: 'tool', tool_call_id: 'c1', content: 'text' }]
const tools = [{ type: 'function', function: { name: 'read', parameters: {} } }]
const header = { format: 'llmr-transcript', version: 1, id: 'one', model: 'm', tools }
const lines = (...values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')
const lengths = (text: string) =>
  readTranscripts(text, 'f').map(({ requests }) => requests.map((request) => request.messages.length))

test('a header and messages are one run, with a request for each turn of the model', () => {
  const [run] = readTranscripts(lines(header, ...messages), 'f')
  expect(run).toMatchObject({ id: 'one', model: 'm', requests: [{ tools: [{ name: 'read' }] }, {}] })
  expect(lengths(lines(header, ...messages))).toEqual([[1, 3]])
})

test('requests as they were sent stay as they are, replays in them too', () => {
  const sent = { request: { model: 'm', messages: [...messages, ...messages.slice(1)], tools } }
  expect(lengths(lines(header, sent, sent))).toEqual([[5, 5]])
})

test.each([
  ['a list of messages', JSON.stringify(messages, null, 2), [[1, 3]]],
  ['the body of a request', JSON.stringify({ model: 'm', tools, messages }), [[1, 3]]],
  ['lines of bodies', lines({ messages }, { messages: messages.slice(0, 1) }), [[1, 3], [1]]],
])('reads %s', (_, text, expected) => {
  expect(lengths(text)).toEqual(expected)
})

test('a list does not say which tools there were: those that were called count as offered', () => {
  expect(readTranscripts(JSON.stringify(messages), 'f')[0]?.requests[0]?.tools).toEqual([
    { name: 'read', parameters: {} },
  ])
})

test('results of one turn are one request, and so are two messages of a person', () => {
  const two = [messages[0], messages[0], call, messages[2], messages[2]]
  expect(lengths(JSON.stringify(two))).toEqual([[2, 5]])
})

test.each([
  ['{"a":1}', 'f: expected OpenAI messages'],
  ['{"requests":[{"method":"GET","url":"/v1/models"}]}', 'f: expected requests for chats; it has none'],
  [
    '{"format":"llmr-transcript","version":2}\n{}',
    'expected format llmr-transcript, version 1; it is llmr-transcript, version 2',
  ],
  ['[]', 'f: expected OpenAI messages'],
  ['{"messages":[{"role":"user"}]}\n{oops', 'f, line 2: expected JSON; it begins with {oops'],
])('%s is refused with what was expected', (text, message) => {
  expect(() => readTranscripts(text, 'f')).toThrow(message)
})

const anthropic = {
  model: 'm',
  system: 'Be brief.',
  tools: [{ name: 'read', input_schema: { type: 'object' } }],
  messages: [
    { role: 'user', content: 'Read.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'text' }] },
  ],
}
const responses = {
  model: 'm',
  instructions: 'Be brief.',
  tools: [{ type: 'function', name: 'read', parameters: {} }],
  input: [
    { type: 'message', role: 'user', content: 'Read.' },
    { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c1', output: 'text' },
  ],
}

test.each([
  ["Anthropic's messages", anthropic],
  ["OpenAI's responses", responses],
])('a body in %s is one conversation, as one in the words of a chat is', (_, body) => {
  const [run] = readTranscripts(JSON.stringify(body), 'f')
  expect(run?.requests.map((request) => request.messages.map(({ role }) => role))).toEqual([
    ['system', 'user'],
    ['system', 'user', 'assistant', 'tool'],
  ])
  expect(run?.requests[0]?.tools).toMatchObject([{ name: 'read' }])
})

test('of a capture those requests count that ask for a chat, each in the dialect of its path', () => {
  const requests = [
    { method: 'HEAD', url: '/' },
    { method: 'POST', url: '/v1/embeddings', body: { input: 'text' } },
    { method: 'POST', url: '/v1/messages?beta=true', body: anthropic },
    { method: 'POST', url: '/v1/responses', body: responses },
    { method: 'POST', url: '/v1/chat/completions', headers: { 'x-llmr-task': 'title_generation' }, body: { messages } },
    { method: 'POST', url: '/api/chat', body: { messages: messages.slice(0, 1) } },
  ]
  const [run] = readTranscripts(JSON.stringify({ scenario: 'tried', requests }), 'f')
  expect(run?.id).toBe('tried')
  expect(run?.requests.map((request) => request.messages.length)).toEqual([4, 4, 3, 1])
  expect(run?.requests[2]?.task).toBe('title_generation')
})

test('requests that name their conversations are as many runs', () => {
  const of = (conversation: string) => ({ conversation, request: { model: conversation, messages } })
  const runs = readTranscripts(lines(header, of('a'), of('b'), of('a')), 'f')
  expect(runs.map(({ id, model, requests }) => [id, model, requests.length])).toEqual([
    ['one/a', 'a', 2],
    ['one/b', 'b', 1],
  ])
})

test('a header with nothing behind it is no run at all', () => {
  expect(readTranscripts(lines(header), 'f')).toEqual([])
})
