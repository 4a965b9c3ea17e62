import { expect, test } from 'vitest'

import { at, listAt, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf } from '../../support/chat.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { promptMessages, sentChats } from '../../support/toolcalls/prompt-messages.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

/** An engine whose template knows no tools, and a model that says the next of these texts at each request. */
async function start(replies: readonly (string | Script)[], more = '') {
  let next = 0
  const engine = keep(
    await startSimulatedEngine({
      model: 'gemma-2-2b',
      toolTemplate: false,
      script: ({ path }) => {
        if (path !== '/v1/chat/completions' && path !== '/completion') return undefined
        const reply = replies[next++ % replies.length] ?? ''
        return typeof reply === 'string' ? { content: reply } : reply
      },
    }),
  )
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }\n${more}`))
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify({ model: 'gemma-2-2b', ...body }) })
  const received = () =>
    engine.requests.filter(({ path }) => path === '/completion').map(({ text }) => parseForeignJson(text))
  return { engine, gateway, post, received }
}

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const tools = [{ type: 'function', function: { name: 'read', description: 'Reads a file.', parameters } }]
const messages = [{ role: 'user', content: 'What is in a.ts?' }]
const callText = 'I look into it.\n<tool_call>\n{"name": "read", "arguments": {"path": "a.ts"}}\n</tool_call>'

test('tools reach a model whose template knows none, and its text comes back as a call (N1.13)', async () => {
  const { post, received } = await start([callText])
  const response = await post('/v1/chat/completions', { messages, tools, tool_choice: 'auto', seed: 3 })
  expect(response.headers.get('x-llmr-lane')).toBe('injected')
  const reply: unknown = await response.json()
  expect(reply).toMatchObject({
    object: 'chat.completion',
    model: 'gemma-2-2b',
    choices: [
      {
        finish_reason: 'tool_calls',
        message: {
          content: null,
          tool_calls: [{ type: 'function', function: { name: 'read', arguments: '{"path": "a.ts"}' } }],
        },
      },
    ],
    usage: { prompt_tokens: expect.any(Number) },
  })
  const [sent] = received()
  expect(sent).toMatchObject({ seed: 3 })
  expect(sent).not.toHaveProperty('tools')
  expect(sent).not.toHaveProperty('tool_choice')
  expect(promptMessages(sent)[0]).toMatchObject({ role: 'system', content: expect.stringContaining('Reads a file.') })
})

test('a stream is calls or text, never both, and no marker is in it (N1.17)', async () => {
  const { post } = await start([callText, 'It holds a function.'])
  const calls = await eventsOf(await post('/v1/chat/completions', { messages, tools, stream: true }))
  const deltas = calls.map((event) => at(event, 'choices', 0, 'delta'))
  expect(deltas.map((delta) => textAt(delta, 'content') ?? '').join('')).toBe('')
  expect(deltas.flatMap((delta) => listAt(delta, 'tool_calls'))).toMatchObject([
    { index: 0, id: expect.stringMatching(/^call_/), type: 'function', function: { name: 'read', arguments: '' } },
    { index: 0, function: { arguments: '{"path": "a.ts"}' } },
  ])
  expect(calls.at(-1)).toBe('[DONE]')
  expect(JSON.stringify(calls)).not.toContain('tool_call>')

  const text = await eventsOf(await post('/v1/chat/completions', { messages, tools, stream: true }))
  expect(text.map((event) => textAt(event, 'choices', 0, 'delta', 'content') ?? '').join('')).toBe(
    'It holds a function.',
  )
  expect(JSON.stringify(text)).not.toContain('"tool_calls"')
  expect(JSON.stringify(text)).toContain('"finish_reason":"stop"')
})

test('thoughts flow while the rest is held, and signs of life keep the client there', async () => {
  const released = Promise.withResolvers<void>()
  const { post } = await start(
    [
      {
        content: ['<think>', 'Hm.', '</think>', 'It ', 'is.'],
        beforePiece: (at) => (at >= 3 ? released.promise : undefined),
      },
    ],
    'dialects: { keep_alive: { interval: 20ms } }',
  )
  const response = await post('/v1/chat/completions', { messages, tools, stream: true })
  let seen = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen += chunk
    if (!seen.includes('Hm') || !seen.includes('\n\n:')) continue
    expect(seen.includes('It ')).toBe(seen.includes('It is.'))
    released.resolve()
  }
  expect(seen).toContain('reasoning_content')
  expect(seen).toContain('It is.')
  expect(seen).toContain('[DONE]')
})

test('a run of calls goes through, history and all, where the engine itself fails at results', async () => {
  const { engine, post, received } = await start([callText, 'It holds a function.'])
  const first: unknown = await (await post('/v1/chat/completions', { messages, tools })).json()
  const call = at(first, 'choices', 0, 'message')
  const result = { role: 'tool', tool_call_id: textAt(call, 'tool_calls', 0, 'id'), content: 'export function a() {}' }
  const run = { messages: [...messages, call, result], tools }
  const second = await post('/v1/chat/completions', run)
  expect(await second.json()).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: 'It holds a function.' } }],
  })
  const told = promptMessages(received().at(-1))
  expect(told.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  expect(told[3]?.content).toContain('export function a() {}')
  const direct = await fetch(`${engine.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(run) })
  expect(direct.status).toBe(500)
})

test("Anthropic's clients get tool_use blocks from the same engine, whole and streamed", async () => {
  const { post } = await start([callText])
  const body = { max_tokens: 100, messages, tools: [{ name: 'read', input_schema: parameters }] }
  const block = { type: 'tool_use', name: 'read', input: { path: 'a.ts' } }
  expect(await (await post('/v1/messages', body)).json()).toMatchObject({ stop_reason: 'tool_use', content: [block] })
  const stream = readMessageStream(await (await post('/v1/messages', { ...body, stream: true })).text())
  expect(stream).toMatchObject({
    stopReason: 'tool_use',
    blocks: [{ type: 'tool_use', name: 'read', text: '{"path": "a.ts"}' }],
  })
})

test('a request without tools, and a model whose engine takes tools, travel as before', async () => {
  const { engine, post } = await start(
    ['Hello.'],
    'toolcalls: { models: { "native-*": { lane: native } } }\nmodels: { native-g: { upstream: gemma-2-2b } }',
  )
  const plain = { model: 'gemma-2-2b', messages }
  expect((await post('/v1/chat/completions', plain)).headers.get('x-llmr-lane')).toBeNull()
  expect(engine.requests.at(-1)?.text).toBe(JSON.stringify(plain))
  const native = await post('/v1/chat/completions', { model: 'native-g', messages, tools })
  expect(native.headers.get('x-llmr-lane')).toBeNull()
  expect(engine.requests.at(-1)?.text).toContain('"tools"')
})

test('the lane can be chosen for a model whose template claims to know tools, and for none behind another gateway', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm', script: () => ({ content: callText }) }))
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      toolcalls: { models: { m: { lane: injected } } }
    `),
  )
  const post = (headers: Readonly<Record<string, string>>) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'm', messages, tools }),
    })
  expect(await (await post({})).json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
  expect((await post({ 'x-llmr-hop': 'front' })).headers.get('x-llmr-lane')).toBeNull()
})

test('an engine that breaks off while the reply is held ends in an error, and in no half call', async () => {
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      toolTemplate: false,
      script: () => ({ content: callText }),
      faults: [{ type: 'die-mid-stream', afterChunks: 20 }],
    }),
  )
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages, tools, stream: true }),
  })
  const text = await response.text()
  expect(text).toContain('"error"')
  expect(text).not.toContain('tool_calls')
  expect(text).not.toContain('[DONE]')
})

test('the timeline says which lane was taken and how many calls were read', async () => {
  const { gateway, post } = await start([callText])
  const response = await post('/v1/chat/completions', { messages, tools })
  await response.arrayBuffer()
  const id = response.headers.get('x-request-id') ?? ''
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  const known = await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()
  expect(known).toMatch(/"event":"lane","detail":"injected: the chat template leaves tools out"/)
  expect(known).toMatch(/"event":"calls-read","detail":"1"/)
})

test('in the checked lane the engine gets its tools, and calls that it left in the text or got wrong are put right', async () => {
  const scripts: Script[] = [
    { content: callText },
    { toolCalls: [{ name: 'Read', arguments: '{"path": 7,}' }] },
    { content: 'It is empty.' },
  ]
  const engine = keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (path === '/v1/chat/completions' ? scripts.shift() : undefined),
    }),
  )
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      toolcalls: { lane: checked }
    `),
  )
  const body = { model: 'm', messages, tools, logit_bias: { 1: 1 } }
  const ask = async (): Promise<unknown> => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })
    expect(response.headers.get('x-llmr-lane')).toBe('checked')
    return at(await response.json(), 'choices', 0)
  }
  const called = (args: string) => ({
    finish_reason: 'tool_calls',
    message: { content: null, tool_calls: [{ function: { name: 'read', arguments: args } }] },
  })
  expect(await ask()).toMatchObject(called('{"path": "a.ts"}'))
  expect(engine.requests.at(-1)?.text).toBe(JSON.stringify(body))
  expect(await ask()).toMatchObject(called('{"path":"7"}'))
  expect(await ask()).toMatchObject({ finish_reason: 'stop', message: { content: 'It is empty.' } })
})

test('a model that is offered no tools streams its answer as it comes, and calls that it makes all the same reach nobody', async () => {
  const released = Promise.withResolvers<void>()
  const { post } = await start([
    { content: ['It ', 'holds ', 'a ', 'function.'], beforePiece: (at) => (at === 3 ? released.promise : undefined) },
    callText.slice(callText.indexOf('<')),
    'It holds a function.',
  ])
  const call = { id: 'c1', type: 'function', function: { name: 'read', arguments: '{}' } }
  const run = [
    ...messages,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c1', content: 'export function a() {}' },
  ]
  let seen = ''
  const streamed = await post('/v1/chat/completions', { messages: run, stream: true })
  for await (const chunk of streamed.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    seen += chunk
    if (seen.includes('holds')) released.resolve()
  }
  expect(seen).toContain('function.')
  const response = await post('/v1/chat/completions', { messages: run })
  expect(response.headers.get('x-llmr-guard')).toBe('calls-left-out')
  expect(await response.json()).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: 'It holds a function.' } }],
  })
})

test('in the final lane the run is told as text, and what the model writes as a call is none', async () => {
  const { engine, post } = await start([callText, 'It holds a function.'])
  const call = { id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a.ts"}' } }
  const run = [
    ...messages,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c1', content: 'export function a() {}' },
  ]
  const response = await post('/v1/chat/completions', { messages: run, tools }, { 'x-llmr-lane': 'final' })
  expect(response.headers.get('x-llmr-lane')).toBe('final')
  const reply = await response.text()
  expect(reply).not.toContain('tool_calls"')
  expect(reply).not.toContain('<tool_call>')
  const sent = sentChats(engine.requests)[0]
  expect(sent).not.toHaveProperty('tools')
  expect(JSON.stringify(sent)).toContain('export function a() {}')
  expect(JSON.stringify(sent)).not.toContain('Reads a file.')
})
