import { expect, test } from 'vitest'

import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import type { Fault } from '../../../src/sim/fault.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { startScriptedChat } from '../../support/toolcalls/scripted-chat.ts'
import { isOfChat, sentChats } from '../../support/toolcalls/prompt-messages.ts'

const keep = closeAfterEach()

/** An engine that says the next of these at each request; more of it than there are is a failed test. */
async function start(replies: readonly Script[], options: { lane?: string; more?: string; dialects?: string } = {}) {
  const left = [...replies]
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (isOfChat(path) ? (left.shift() ?? { content: 'asked too often' }) : undefined),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp, max_concurrent: 1 } }
      dialects: ${options.dialects ?? '{}'}
      toolcalls: { lane: ${options.lane ?? 'checked'} ${options.more ?? ''} }
    `),
  )
  const post = (body: object, init: RequestInit = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages, tools, ...body }),
      ...init,
    })
  const received = () => sentChats(engine.requests)
  return { engine, gateway, post, received }
}

const parameters = {
  type: 'object',
  properties: { path: { type: 'string' }, limit: { type: 'integer', minimum: 1 } },
  required: ['path'],
}
const tools = [{ type: 'function', function: { name: 'read', parameters } }]
const messages = [{ role: 'user', content: 'What is in a.ts?' }]
const wrong: Script = { toolCalls: [{ name: 'read', arguments: { limit: 0 } }] }
const right: Script = { toolCalls: [{ name: 'read', arguments: { path: 'a.ts' } }] }
const calls = { message: { tool_calls: [{ function: { name: 'read', arguments: '{"path":"a.ts"}' } }] } }

test('a call that does not fit its tool is asked for once more with the words of the validator', async () => {
  const { post, received } = await start([wrong, right])
  const response = await post({})
  expect(response.headers.get('x-llmr-guard')).toBe('call-asked-again, call-put-right')
  const reply: unknown = await response.json()
  expect(reply).toMatchObject({ choices: [{ finish_reason: 'tool_calls', ...calls }] })
  const [first, second] = received()
  expect(listAt(second, 'messages')).toHaveLength(listAt(first, 'messages').length + 2)
  expect(textAt(second, 'messages', 2, 'content')).toContain('`path` is missing.')
  expect(at(second, 'tools')).toEqual(at(first, 'tools'))
})

test('a stream hears only the call that came of it, in one reply with one end and what both tries cost', async () => {
  const { post, gateway } = await start([wrong, right])
  const response = await post({ stream: true, stream_options: { include_usage: true } })
  const events = await eventsOf(response)
  const deltas = events.flatMap((event) => listAt(event, 'choices', 0, 'delta', 'tool_calls'))
  expect(deltas.map((delta) => textAt(delta, 'function', 'arguments')).join('')).toBe('{"path":"a.ts"}')
  expect(events.flatMap((event) => textAt(event, 'choices', 0, 'finish_reason') ?? [])).toEqual(['tool_calls'])
  expect(events.at(-1)).toBe('[DONE]')
  const id = response.headers.get('x-request-id')
  const line = await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  const usage = at(events.at(-2), 'usage')
  expect(usage).toMatchObject({
    prompt_tokens: at(line, 'prompt_tokens'),
    completion_tokens: at(line, 'completion_tokens'),
  })
})

test('while a call is asked for again, thoughts flow and signs of life keep the client there', async () => {
  const seen = Promise.withResolvers<void>()
  const { post } = await start(
    [
      { reasoning: 'First.', ...wrong },
      { reasoning: 'Second.', ...right, beforePiece: (piece) => (piece > 2 ? seen.promise : undefined) },
    ],
    { dialects: '{ keep_alive: { interval: 20ms } }' },
  )
  const response = await post({ stream: true })
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    // Behind the first thoughts of the second try a comment, while its call is held at the engine.
    if (/Sec[\s\S]*\n\n:/.test(text)) seen.resolve()
  }
  expect(text).toContain('a.ts')
  expect(text).toContain('[DONE]')
})

test('in the injected lane the model is told in plain text what was wrong', async () => {
  const text = (args: string): Script => ({ content: `<tool_call>{"name":"read","arguments":${args}}</tool_call>` })
  const { post, received } = await start([text('{"limit":0}'), text('{"path":"a.ts"}')], { lane: 'injected' })
  expect(await (await post({})).json()).toMatchObject({ choices: [calls] })
  const [, second] = received()
  expect(second).not.toHaveProperty('tools')
  expect(textAt(second, 'messages', 2, 'content')).toContain('"limit":0')
  expect(textAt(second, 'messages', 3, 'content')).toContain('`path` is missing.')
})

test('calls that stay wrong go to the client, and the timeline, the log and the metrics say so', async () => {
  const { post, gateway, received } = await start([wrong, wrong])
  const response = await post({})
  expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  expect(received()).toHaveLength(2)
  expect(response.headers.get('x-llmr-guard')).toBe('call-asked-again, call-left-wrong')
  await gateway.logged(({ intervention, detail }) => intervention === 'call-left-wrong' && detail === '1 call, 2 wrong')
  const id = response.headers.get('x-request-id') ?? ''
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  const known = await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()
  expect(known).toContain('"event":"call-asked-again"')
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain('kind="call-left-wrong"')
})

test.each<[string, Fault]>([
  ['refuses', { type: 'status', status: 500 }],
  ['breaks off at', { type: 'die-mid-stream', afterChunks: 2 }],
  ['never ends', { type: 'half-close', afterChunks: 2 }],
])('an engine that %s the second try leaves the client the call of the first', async (_, fault) => {
  const { post, gateway, engine } = await start([
    { ...wrong, beforePiece: (at) => (at === 0 ? engine.control.addFault(fault) : undefined) },
    right,
  ])
  const response = await post({ stream: true })
  const events = await eventsOf(response)
  expect(JSON.stringify(events)).toContain(String.raw`{\"limit\":0}`)
  expect(events.flatMap((event) => textAt(event, 'choices', 0, 'finish_reason') ?? [])).toEqual(['tool_calls'])
  expect(events.at(-1)).toBe('[DONE]')
  await gateway.logged(({ msg }) => msg === 'a reply was to be followed up, and is given as it stands')
})

test('a client that leaves while the call is asked for again frees the engine', async () => {
  const held = Promise.withResolvers<void>()
  const { post, engine, gateway } = await start([wrong, { ...right, beforePiece: () => held.promise }, right])
  const leaving = new AbortController()
  const gone = post({}, { signal: leaving.signal }).catch((error: unknown) => error)
  await expect.poll(() => engine.requests.filter(({ path }) => path === '/v1/chat/completions').length).toBe(2)
  leaving.abort()
  await gone
  await gateway.logged(({ msg, client_gone }) => msg === 'request' && client_gone === true)
  // One at a time is all that this backend takes: the next is served only when the place is free.
  expect(await (await post({})).json()).toMatchObject({ choices: [calls] })
  held.resolve()
})

test('nothing is asked again where it is switched off, for the model or for the request', async () => {
  const off = await start([wrong], { more: ', repair_calls: 0' })
  expect(await (await off.post({})).json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  expect(off.received()).toHaveLength(1)
  const asked = await start([wrong])
  await asked.post({}, { headers: { 'x-llmr-guard': 'off' } })
  expect(asked.received()).toHaveLength(1)
})

test('in the raw lane the template tells the model what was wrong, and the grammar holds the second try as well', async () => {
  const text = (args: string): Script => ({ content: `<tool_call>{"name":"read","arguments":${args}}</tool_call>` })
  const { post, engine } = await start([text('{"limit":0}'), text('{"path":"a.ts"}')], { lane: 'raw' })
  const response = await post({ tool_choice: 'required' })
  expect(response.headers.get('x-llmr-guard')).toBe('call-asked-again, call-put-right')
  expect(await response.json()).toMatchObject({ choices: [calls] })
  const prompts = engine.requests.flatMap(({ path, text: body }) =>
    path === '/completion' ? [parseForeignJson(body)] : [],
  )
  expect(prompts).toHaveLength(2)
  expect(textAt(prompts[1], 'prompt')).toContain('`path` is missing.')
  expect(textAt(prompts[1], 'prompt')).toContain('"arguments": {"limit": 0}')
  expect(prompts.map((prompt) => typeof textAt(prompt, 'grammar'))).toEqual(['string', 'string'])
  expect(engine.requests.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
})

test('an engine that takes only words is told in words that a call must come, and asked for it where none came', async () => {
  const { post, engine } = await startScriptedChat(
    keep,
    [{ content: 'I would read a.ts.' }, { content: '{"tool": "read", "args": {"path": "a.ts"}}' }],
    { kind: 'lmstudio', toolcalls: '{ lane: injected }', engine: { toolTemplate: false } },
  )
  const response = await post({ messages, tools, tool_choice: 'required' })
  expect(response.headers.get('x-llmr-guard')).toBe('call-asked-again, call-put-right')
  expect(await response.json()).toMatchObject({
    choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'read' } }] } }],
  })
  const [first, second] = sentChats(engine.requests)
  expect(first).not.toHaveProperty('tool_choice')
  expect(first).not.toHaveProperty('tools')
  expect(textAt(first, 'messages', 0, 'content')).toContain('You must call a tool now.')
  expect(listAt(second, 'messages').slice(-2)).toMatchObject([
    { role: 'assistant', content: 'I would read a.ts.' },
    { role: 'user', content: expect.stringContaining('You must call a tool now: read.') },
  ])
})
