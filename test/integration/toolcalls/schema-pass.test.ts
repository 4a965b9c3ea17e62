import { expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { eventsOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'

const keep = closeAfterEach()
const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }
const body = {
  messages: [{ role: 'user', content: 'How many lines has a.ts?' }],
  tools: [{ type: 'function', function: { name: 'read', parameters: { type: 'object' } } }],
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
}
const call: Script = { toolCalls: [{ name: 'read', arguments: {} }] }
const run = [
  ...body.messages,
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'one\ntwo\nthree' },
]

test('with tools and a schema the model is free to call first: the engine gets no mask (N1.19)', async () => {
  const { post, received } = await startScriptedChat(keep, [call])
  expect(await (await post(body)).json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  expect(received()).toHaveLength(1)
  expect(received()[0]).toHaveProperty('tools')
  expect(received()[0]).not.toHaveProperty('response_format')
  expect(textAt(received()[0], 'messages', 0, 'content')).toContain('"count"')
})

test('when it answers, the schema comes in a pass of its own, over the run as plain text', async () => {
  const { post, received } = await startScriptedChat(keep, [{ content: 'It has three.' }, { content: '{"count":3}' }])
  const response = await post({ ...body, messages: run })
  expect(response.headers.get('x-llmr-guard')).toBe('schema-pass')
  expect(await response.json()).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: '{"count":3}' } }],
  })
  const [, second] = received()
  expect(second).not.toHaveProperty('tools')
  expect(second).toMatchObject({ response_format: { type: 'json_schema', json_schema: { schema } } })
  expect(JSON.stringify(at(second, 'messages'))).not.toContain('tool_call_id')
  expect(JSON.stringify(at(second, 'messages'))).toContain('three')
})

test('a stream hears the shape alone, and thoughts while they come', async () => {
  const { post } = await startScriptedChat(keep, [
    { reasoning: 'Hm.', content: 'It has three.' },
    { content: '{"count":3}' },
  ])
  const events = await eventsOf(await post({ ...body, messages: run, stream: true }))
  expect(events.map((event) => textAt(event, 'choices', 0, 'delta', 'content') ?? '').join('')).toBe('{"count":3}')
  expect(events.map((event) => textAt(event, 'choices', 0, 'delta', 'reasoning_content') ?? '').join('')).toBe('Hm.')
  expect(events.at(-1)).toBe('[DONE]')
})

test('in the injected lane the same two passes, each as plain text', async () => {
  const { post, received } = await startScriptedChat(keep, [{ content: 'It has three.' }, { content: '{"count":3}' }], {
    toolcalls: '{ lane: injected }',
  })
  expect(await (await post({ ...body, messages: run })).json()).toMatchObject({
    choices: [{ message: { content: '{"count":3}' } }],
  })
  expect(received()[0]).not.toHaveProperty('response_format')
  expect(received()[1]).toMatchObject({ response_format: { type: 'json_schema' } })
})

test('an engine that goes without the schema is noticed', async () => {
  const { post, gateway } = await startScriptedChat(keep, [{ content: 'Three.' }, { content: 'Three!' }])
  const response = await post({ ...body, messages: run })
  expect(response.headers.get('x-llmr-guard')).toBe('schema-pass, schema-missed')
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Three!' } }] })
  await gateway.logged(({ intervention }) => intervention === 'schema-missed')
})

test.each<[string, { toolcalls?: string; kind?: string }, Readonly<Record<string, string>>]>([
  ['it is switched off', { toolcalls: '{ split_schemas: false }' }, {}],
  ['the request wants nothing changed', {}, { 'x-llmr-guard': 'off' }],
  ['the server is one that can do both', { kind: 'openai' }, {}],
])('both go in one pass where %s', async (_, options, headers) => {
  const { post, engine } = await startScriptedChat(keep, [call], options)
  await (await post(body, { headers })).text()
  const sent = engine.requests.findLast(({ path }) => path === '/v1/chat/completions')?.text
  expect(sent).toContain('"response_format"')
  expect(sent).toContain('"tools"')
})
