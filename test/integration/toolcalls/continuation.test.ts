import { expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { eventsOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'

const keep = closeAfterEach()
const on = { toolcalls: '{ continue_rounds: 3, continue_tokens: 1000 }' }
const messages = [{ role: 'user', content: 'Tell me a story.' }]
const story: readonly Script[] = [
  { content: 'Once upon a time ', finishReason: 'length' },
  { content: 'there was a model ', finishReason: 'length' },
  { content: 'that came to its end.' },
]
const whole = 'Once upon a time there was a model that came to its end.'

test('a stream that the engine cut by length goes on: one text, one finish reason, one usage (N1.5)', async () => {
  const { post, received, gateway } = await startScriptedChat(keep, story, on)
  const response = await post({ messages, stream: true, stream_options: { include_usage: true } })
  const events = await eventsOf(response)
  expect(events.map((event) => textAt(event, 'choices', 0, 'delta', 'content') ?? '').join('')).toBe(whole)
  expect(events.flatMap((event) => textAt(event, 'choices', 0, 'finish_reason') ?? [])).toEqual(['stop'])
  expect(events.filter((event) => event === '[DONE]')).toHaveLength(1)
  const line = await gateway.logged(({ msg }) => msg === 'request')
  expect(at(events.at(-2), 'usage')).toMatchObject({
    prompt_tokens: at(line, 'prompt_tokens'),
    completion_tokens: at(line, 'completion_tokens'),
  })
  expect(received()).toHaveLength(3)
  expect(received()[2]).toMatchObject({
    messages: [...messages, { role: 'assistant', content: 'Once upon a time there was a model' }],
    max_tokens: expect.any(Number),
  })
})

test('a whole reply is gone on with in the same way, and its header says so', async () => {
  const { post } = await startScriptedChat(keep, story, on)
  const response = await post({ messages })
  expect(response.headers.get('x-llmr-guard')).toBe('continued, continued')
  expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop', message: { content: whole } }] })
})

test('vLLM is told to go on with the last message, and who knows no such thing is asked in words', async () => {
  const vllm = await startScriptedChat(keep, story, { ...on, kind: 'vllm' })
  await (await vllm.post({ messages })).text()
  expect(vllm.received()[1]).toMatchObject({ continue_final_message: true, add_generation_prompt: false })
  const desktop = await startScriptedChat(keep, story, { ...on, kind: 'lmstudio' })
  expect(await (await desktop.post({ messages })).json()).toMatchObject({ choices: [{ message: { content: whole } }] })
  expect(textAt(desktop.received()[1], 'messages', 2, 'content')).toContain('Once upon a time')
})

test.each<[string, object, string | undefined, Readonly<Record<string, string>>]>([
  ['nothing is configured', {}, '{}', {}],
  ['the client set a limit itself', { max_tokens: 5 }, undefined, {}],
  [
    'it is an agent at work',
    { tools: [{ type: 'function', function: { name: 'read', parameters: {} } }] },
    undefined,
    {},
  ],
  ['it is a background request', {}, undefined, { 'x-llmr-task': 'title_generation' }],
  ['a shape was asked for', { response_format: { type: 'json_object' } }, undefined, {}],
  ['the request wants none', {}, undefined, { 'x-llmr-continue': 'off' }],
  ['the request wants nothing changed', {}, undefined, { 'x-llmr-guard': 'off' }],
  ['another gateway sees to it', {}, undefined, { 'x-llmr-hop': 'front' }],
])('a cut reply stays cut where %s', async (_, body, toolcalls, headers) => {
  const { post, received } = await startScriptedChat(keep, story, toolcalls === undefined ? on : { toolcalls })
  const reply: unknown = await (await post({ messages, ...body }, { headers })).json()
  expect(at(reply, 'choices', 0)).toMatchObject({ finish_reason: 'length' })
  expect(received()).toHaveLength(1)
})

test('a request may ask for it where nothing is configured', async () => {
  const { post } = await startScriptedChat(keep, story)
  const response = await post({ messages }, { headers: { 'x-llmr-continue': 'on' } })
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: whole } }] })
})

test('an engine that fails on the way leaves the client what there is, cut as it was', async () => {
  const { post, engine, gateway } = await startScriptedChat(
    keep,
    [
      {
        content: 'Once upon',
        finishReason: 'length',
        beforePiece: (piece) => (piece === 0 ? engine.control.addFault({ type: 'status', status: 500 }) : undefined),
      },
    ],
    on,
  )
  const events = await eventsOf(await post({ messages, stream: true }))
  expect(events.flatMap((event) => textAt(event, 'choices', 0, 'finish_reason') ?? [])).toEqual(['length'])
  expect(events.at(-1)).toBe('[DONE]')
  await gateway.logged(({ msg }) => msg === 'a reply was to be followed up, and is given as it stands')
})
