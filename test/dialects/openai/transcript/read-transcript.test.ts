import { expect, test } from 'vitest'

import { readTranscripts } from '../../../../src/dialects/openai/transcript/read-transcript.ts'

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
  [
    '{"format":"llmr-transcript","version":2}\n{}',
    'expected format llmr-transcript, version 1; it is llmr-transcript, version 2',
  ],
  ['[]', 'f: expected OpenAI messages'],
  ['{"messages":[{"role":"user"}]}\n{oops', 'f, line 2: expected JSON; it begins with {oops'],
])('%s is refused with what was expected', (text, message) => {
  expect(() => readTranscripts(text, 'f')).toThrow(message)
})
