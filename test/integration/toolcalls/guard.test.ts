import { expect, test } from 'vitest'

import { listAt, parseForeignJson } from '../../../src/core/foreign-json.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { parseExposition } from '../../support/parse-exposition.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

async function start(toolcalls = '{}') {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  const gateway = keep(
    await startTestGateway(`
      backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }
      toolcalls: ${toolcalls}
    `),
  )
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  const received = () =>
    parseForeignJson(engine.requests.findLast(({ path }) => path === '/v1/chat/completions')?.text ?? '')
  return { engine, gateway, post, received }
}

const tools = ['read', 'list'].map((name) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }))

function openaiRound(id: string, text: string, path = 'a.ts'): object[] {
  const call = { id, type: 'function', function: { name: 'read', arguments: JSON.stringify({ path }) } }
  return [
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: id, content: text },
  ]
}

const task = { role: 'user', content: 'What is in it?' }

test('the same call three times earns a line in its result; a fifth, an answer without tools (N1.15)', async () => {
  const { post, received } = await start()
  const loop = (times: number) => Array.from({ length: times }, (_, at) => openaiRound(`c${at}`, 'text')).flat()

  const nudged = await post('/v1/chat/completions', { model: 'm', tools, seed: 7, messages: [task, ...loop(3)] })
  expect(nudged.headers.get('x-llmr-guard')).toBe('nudge;rule=same-call')
  expect(received()).toMatchObject({ tools, seed: 7 })
  expect(listAt(received(), 'messages').at(-1)).toMatchObject({
    content: expect.stringContaining('result 3 of the same call'),
  })

  const ended = await post('/v1/chat/completions', { model: 'm', tools, messages: [task, ...loop(5)] })
  expect(ended.headers.get('x-llmr-guard')).toBe('final-answer;rule=same-call')
  expect(received()).not.toHaveProperty('tools')
  expect(listAt(received(), 'messages')).toHaveLength(1)
})

test('a round that the client sent many times reaches the engine once (N1.16)', async () => {
  const { post, received } = await start()
  const messages = [task, ...Array.from({ length: 20 }, () => openaiRound('c1', 'text')).flat()]
  const response = await post('/v1/chat/completions', { model: 'm', tools, messages })
  expect(response.headers.get('x-llmr-guard')).toBe('replays-collapsed')
  expect(listAt(received(), 'messages')).toEqual(messages.slice(0, 3))
})

test('a listing reaches the model with the file to read next in it, and no new turn (N1.18)', async () => {
  const { post, received } = await start()
  const list = { id: 'c1', type: 'function', function: { name: 'list', arguments: '{}' } }
  const messages = [
    { role: 'user', content: 'What does the parser do?' },
    { role: 'assistant', content: null, tool_calls: [list] },
    { role: 'tool', tool_call_id: 'c1', content: 'src/main.ts\nsrc/parser.ts' },
  ]
  const response = await post('/v1/chat/completions', { model: 'm', tools, messages })
  expect(response.headers.get('x-llmr-guard')).toBe('next-file-hint')
  const sent = listAt(received(), 'messages')
  expect(sent).toHaveLength(3)
  expect(sent.at(-1)).toMatchObject({ role: 'tool', content: expect.stringContaining('call read with src/parser.ts') })
})

test("Anthropic's messages are looked at in the same way, and a stream says so before it begins", async () => {
  const { post, received } = await start()
  const round = (id: string) => [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'read', input: { path: 'a' } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'text' }] },
  ]
  const response = await post('/v1/messages', {
    model: 'm',
    max_tokens: 10,
    stream: true,
    tools: [
      { name: 'read', input_schema: { type: 'object' } },
      { name: 'list', input_schema: { type: 'object' } },
    ],
    messages: [task, ...round('a'), ...round('b'), ...round('c'), ...round('d')],
  })
  expect(response.headers.get('x-llmr-guard')).toBe('remove-tool;rule=same-call')
  expect(await response.text()).toContain('message_stop')
  expect(listAt(received(), 'tools')).toMatchObject([{ function: { name: 'list' } }])
})

test('a history that engines refuse is put right: a call without a result, and a result twice', async () => {
  const { post, received } = await start()
  const [lost] = openaiRound('c1', '')
  const messages = [
    task,
    lost,
    task,
    ...openaiRound('c2', 'text'),
    { role: 'tool', tool_call_id: 'c2', content: 'text' },
  ]
  const response = await post('/v1/chat/completions', { model: 'm', tools, messages })
  expect(response.headers.get('x-llmr-guard')).toBe('history-repaired')
  const results = listAt(received(), 'messages').filter((message) => JSON.stringify(message).includes('"tool_call_id"'))
  expect(results).toMatchObject([{ tool_call_id: 'c1' }, { tool_call_id: 'c2', content: 'text' }])
})

test('every change stands in the timeline, the log and the metrics', async () => {
  const { gateway, post } = await start()
  const messages = [task, ...openaiRound('c1', 'text'), ...openaiRound('c1', 'text')]
  const response = await post('/v1/chat/completions', { model: 'm', tools, messages })
  await response.arrayBuffer()
  const id = response.headers.get('x-request-id') ?? ''
  expect(await gateway.logged(({ intervention }) => intervention !== undefined)).toMatchObject({
    request_id: id,
    model: 'm',
    intervention: 'replays-collapsed',
    detail: '1 round',
  })
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  const known = await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()
  expect(known).toContain('replays-collapsed')
  const samples = parseExposition(await (await fetch(`${gateway.url}/metrics`)).text())
  expect(samples.find(({ name }) => name === 'llmr_toolcall_interventions_total')).toMatchObject({
    value: 1,
    labels: { kind: 'replays-collapsed', rule: 'none', model: 'm' },
  })
})

test('what nothing is done about travels byte by byte', async () => {
  const { engine, post } = await start()
  const body = { model: 'm', tools, messages: [task, ...openaiRound('c1', 'text'), ...openaiRound('c2', 'other', 'b')] }
  const response = await post('/v1/chat/completions', body)
  expect(response.headers.get('x-llmr-guard')).toBeNull()
  expect(engine.requests.at(-1)?.text).toBe(JSON.stringify(body))
})

test.each([
  ['the request asks for it', '{}', { 'x-llmr-guard': 'off' }],
  ['the model is set so', '{ models: { m: { guard: off, repair: false, hint: false } } }', {}],
  ['another gateway has looked already', '{}', { 'x-llmr-hop': 'another' }],
])('nothing is changed when %s', async (_, toolcalls, headers) => {
  const { engine, post } = await start(toolcalls)
  const body = { model: 'm', tools, messages: [task, ...openaiRound('c1', 'text'), ...openaiRound('c1', 'text')] }
  const response = await post('/v1/chat/completions', body, headers)
  expect(response.headers.get('x-llmr-guard')).toBeNull()
  expect(engine.requests.at(-1)?.text).toBe(JSON.stringify(body))
})

test('the classic preset stops at the second equal call in a row', async () => {
  const { post } = await start('{ guard: classic }')
  const messages = [task, ...openaiRound('c1', 'one'), ...openaiRound('c2', 'two')]
  const response = await post('/v1/chat/completions', { model: 'm', tools, messages })
  expect(response.headers.get('x-llmr-guard')).toBe('final-answer;rule=same-call')
})

test('a title is asked for over a looping history without an order to come to an end', async () => {
  const { post } = await start()
  const loop = Array.from({ length: 4 }, (_, at) => openaiRound(`c${at}`, 'text')).flat()
  const response = await post(
    '/v1/chat/completions',
    { model: 'm', messages: [task, ...loop] },
    { 'x-llmr-task': 'title_generation' },
  )
  expect(response.headers.get('x-llmr-guard')).toBeNull()
})
