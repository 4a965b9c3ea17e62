import { expect, test } from 'vitest'

import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script, SimulatedEngineOptions } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf } from '../../support/chat.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { promptMessages } from '../../support/toolcalls/prompt-messages.ts'

const keep = closeAfterEach()

/** An engine whose template knows tools, and a model that says the next of these texts to each prompt. */
async function start(replies: readonly (string | Script)[], options: Partial<SimulatedEngineOptions> = {}) {
  let next = 0
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => {
        if (path !== '/completion') return undefined
        const reply = replies[next++ % replies.length] ?? ''
        return typeof reply === 'string' ? { content: reply } : reply
      },
      ...options,
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      toolcalls: { lane: raw }
    `),
  )
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify({ model: 'm', ...body }) })
  const prompts = (): unknown[] =>
    engine.requests.filter(({ path }) => path === '/completion').map(({ text }) => parseForeignJson(text))
  return { engine, gateway, post, prompts }
}

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const tools = [{ type: 'function', function: { name: 'read', description: 'Reads a file.', parameters } }]
const messages = [{ role: 'user', content: 'What is in a.ts?' }]
const callText = 'I look into it.\n<tool_call>{"name": "read", "arguments": {"path": "a.ts"}}</tool_call>'

test("the engine's template tells of the tools, and llmr reads the calls", async () => {
  const { engine, post, prompts } = await start([callText])
  const body = { messages, tools, seed: 3, max_tokens: 99, temperature: 0.5, top_k: 7 }
  const response = await post('/v1/chat/completions', body)
  expect(response.headers.get('x-llmr-lane')).toBe('raw')
  expect(await response.json()).toMatchObject({
    object: 'chat.completion',
    choices: [
      {
        finish_reason: 'tool_calls',
        message: { content: null, tool_calls: [{ function: { name: 'read', arguments: '{"path": "a.ts"}' } }] },
      },
    ],
    usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
  })
  expect(engine.requests.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
  const [sent] = prompts()
  expect(sent).toMatchObject({ seed: 3, n_predict: 99, temperature: 0.5, top_k: 7, stream: false })
  expect(sent).not.toHaveProperty('messages')
  expect(sent).not.toHaveProperty('tools')
  expect(textAt(sent, 'prompt')).toContain(
    'You may call these tools:\n{"type": "function", "function": {"name": "read"',
  )
  expect(promptMessages(sent).at(-1)).toEqual({ role: 'user', content: 'What is in a.ts?' })
})

test('the grammar knows the tools, and waits for the marker of a call (N1.19)', async () => {
  const { post, prompts } = await start([callText])
  await post('/v1/chat/completions', { messages, tools })
  const [sent] = prompts()
  expect(sent).toMatchObject({
    grammar_lazy: true,
    grammar_triggers: expect.arrayContaining([{ type: 1, value: '<tool_call>' }]),
    preserved_tokens: expect.arrayContaining(['<tool_call>', '</tool_call>']),
  })
  expect(textAt(sent, 'grammar')).toContain(String.raw`"\"read\""`)
})

test('a call that the client insists on is held to the grammar from its first character, and to that tool', async () => {
  const { post, prompts } = await start([callText])
  const more = [...tools, { type: 'function', function: { name: 'list', parameters: { type: 'object' } } }]
  const tool_choice = { type: 'function', function: { name: 'list' } }
  await post('/v1/chat/completions', { messages, tools: more, tool_choice })
  const [sent] = prompts()
  expect(sent).not.toHaveProperty('grammar_lazy')
  expect(textAt(sent, 'grammar')).toContain('list')
  expect(textAt(sent, 'grammar')).not.toContain('read')
  expect(textAt(sent, 'prompt')).not.toContain('"read"')
})

test('a stream is calls or text, in the dialect of its client', async () => {
  const { post } = await start([callText, 'It holds a function.'])
  const calls = await eventsOf(await post('/v1/chat/completions', { messages, tools, stream: true }))
  const deltas = calls.map((event) => at(event, 'choices', 0, 'delta'))
  expect(deltas.flatMap((delta) => listAt(delta, 'tool_calls'))).toMatchObject([
    { id: expect.stringMatching(/^call_/), function: { name: 'read' } },
    { function: { arguments: '{"path": "a.ts"}' } },
  ])
  expect(calls.at(-1)).toBe('[DONE]')
  const anthropic = { max_tokens: 50, messages, stream: true, tools: [{ name: 'read', input_schema: parameters }] }
  const said = readMessageStream(await (await post('/v1/messages', anthropic)).text())
  expect(said).toMatchObject({ stopReason: 'end_turn', blocks: [{ type: 'text', text: 'It holds a function.' }] })
})

test('a run goes on with what the tools gave back, told by the template', async () => {
  const { post, prompts } = await start([callText, 'It holds a function.'])
  const first: unknown = await (await post('/v1/chat/completions', { messages, tools })).json()
  const call = at(first, 'choices', 0, 'message')
  const result = { role: 'tool', tool_call_id: textAt(call, 'tool_calls', 0, 'id'), content: 'export {}' }
  const second = await post('/v1/chat/completions', { messages: [...messages, call, result], tools })
  expect(await second.json()).toMatchObject({ choices: [{ message: { content: 'It holds a function.' } }] })
  expect(promptMessages(prompts().at(-1)).slice(-2)).toEqual([
    { role: 'assistant', content: '<tool_call>{"name": "read", "arguments": {"path": "a.ts"}}</tool_call>' },
    { role: 'tool', content: 'export {}' },
  ])
})

test('a template that fails at the conversation is no failure: the tools are told in plain text', async () => {
  const { gateway, post } = await start([], {
    toolTemplate: false,
    script: ({ path }) => (path === '/v1/chat/completions' ? { content: callText } : undefined),
  })
  const call = { id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }
  const round = [
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c1', content: 'nothing' },
  ]
  const response = await post('/v1/chat/completions', { messages: [...messages, ...round], tools })
  expect(response.headers.get('x-llmr-lane')).toBe('injected')
  expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  const id = response.headers.get('x-request-id') ?? ''
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  expect(await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()).toContain(
    'injected: configured; no prompt could be made (server_error)',
  )
})

test('an engine that breaks off ends in an error, and in no half call', async () => {
  const faults = [{ type: 'die-mid-stream', afterChunks: 12, path: '/completion' }] as const
  const { post } = await start([callText], { faults })
  const text = await (await post('/v1/chat/completions', { messages, tools, stream: true })).text()
  expect(text).toContain('"error"')
  expect(text).not.toContain('tool_calls')
})

test('one request may take another lane than the configured one, and a word that is none is passed over', async () => {
  const { engine, post } = await start([callText])
  const native = await post('/v1/chat/completions', { messages, tools }, { 'x-llmr-lane': 'native' })
  expect(native.headers.get('x-llmr-lane')).toBeNull()
  expect(engine.requests.at(-1)?.path).toBe('/v1/chat/completions')
  const mistyped = await post('/v1/chat/completions', { messages, tools }, { 'x-llmr-lane': 'row' })
  expect(mistyped.headers.get('x-llmr-lane')).toBe('raw')
})

test('an image stays in the chat, where the engine looks at it', async () => {
  const { engine, post } = await start([callText], { vision: true })
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
  const seen = [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }]
  const response = await post('/v1/chat/completions', { messages: seen, tools })
  expect(response.headers.get('x-llmr-lane')).toBe('checked')
  expect(engine.requests.at(-1)?.path).toBe('/v1/chat/completions')
})

test('a stream whose last event repeats a long prompt is whole', async () => {
  const { post } = await start(['It holds a function.'])
  const long = [{ role: 'user', content: `What is in a.ts? ${'It is long. '.repeat(1_000)}` }]
  const text = await (await post('/v1/chat/completions', { messages: long, tools, stream: true })).text()
  expect(text).not.toContain('"error"')
  expect(text.trimEnd().endsWith('[DONE]')).toBe(true)
})
