import { expect, test } from 'vitest'

import { at, parseForeignJson, textAt } from '../../../src/core/foreign-json.ts'
import type { Script, SimulatedEngineOptions } from '../../../src/sim/engine-options.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }
const body = {
  model: 'm',
  messages: [{ role: 'user', content: 'What is in a.ts?' }],
  tools: [{ type: 'function', function: { name: 'read', parameters } }],
}
const leaked: Script = { content: '<tool_call>{"name": "read", "arguments": {"path": "a.ts"}}</tool_call>' }

async function startEngine(options: Partial<SimulatedEngineOptions> = {}) {
  return keep(
    await startSimulatedEngine({
      model: 'm',
      script: ({ path }) => (path === '/v1/chat/completions' || path === '/completion' ? leaked : undefined),
      ...options,
    }),
  )
}

async function startBefore(url: string, dataDirectory = temporaryFolder(), more = '') {
  const gateway = keep(
    await startTestGateway(`backends: { gpu: { url: "${url}", kind: llama.cpp } }\ntoolcalls: { ${more} }`, {
      dataDirectory,
    }),
  )
  const ask = (extra: object = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...body, ...extra }) })
  const laneOf = async (extra: object = {}): Promise<string | null> => {
    const response = await ask(extra)
    await response.arrayBuffer()
    return response.headers.get('x-llmr-lane')
  }
  return { gateway, ask, laneOf, dataDirectory }
}

test.each([{ stream: false }, { stream: true }])(
  'an engine that leaves two calls in its text is gone past from then on (%o)',
  async (extra) => {
    const { ask, laneOf, gateway } = await startBefore((await startEngine()).url)
    expect(await laneOf(extra)).toBeNull()
    expect(await laneOf(extra)).toBeNull()
    expect(await laneOf(extra)).toBe('raw')
    expect(await (await ask()).json()).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] })
    expect(await gateway.logged(({ lane }) => lane === 'raw')).toMatchObject({
      backend: 'gpu',
      model: 'm',
      reason: 'the engine left 2 calls in its text in 2 with tools',
    })
  },
)

test('what was learnt is there after a restart, and shown with its reason and time', async () => {
  const { url } = await startEngine()
  const first = await startBefore(url)
  await first.laneOf()
  await first.laneOf()
  await first.gateway.close()
  const second = await startBefore(url, first.dataDirectory)
  expect(await second.laneOf()).toBe('raw')
  const listed: unknown = await (await fetch(`${second.gateway.url}/v1/models/m`)).json()
  expect(at(listed, 'llmr', 'tools')).toEqual({
    lane: 'raw',
    reason: 'the engine left 2 calls in its text in 2 with tools',
    since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
})

test('another model behind the name makes it void', async () => {
  const first = await startEngine({ modelPath: '/models/old.gguf' })
  const { port } = new URL(first.url)
  const before = await startBefore(first.url)
  await before.laneOf()
  await before.laneOf()
  await before.gateway.close()
  await first.close()
  const second = await startEngine({ modelPath: '/models/new.gguf', port: Number(port) })
  expect(await (await startBefore(second.url, before.dataDirectory)).laneOf()).toBeNull()
})

test('an engine that calls as it should is left alone', async () => {
  const engine = await startEngine({
    script: ({ path }) =>
      path === '/v1/chat/completions' ? { toolCalls: [{ name: 'read', arguments: { path: 'a' } }] } : undefined,
  })
  const { laneOf } = await startBefore(engine.url)
  for (let count = 0; count < 4; count++) expect(await laneOf()).toBeNull()
})

test('a reply that the engine cannot read is asked for past it, in the same request', async () => {
  const { url } = await startEngine({
    faults: [
      {
        type: 'status',
        status: 500,
        body: '{"error":{"code":500,"message":"Failed to parse input at pos 12"}}',
        path: '/v1/chat/completions',
      },
    ],
  })
  const { ask, gateway } = await startBefore(url)
  const response = await ask()
  expect(response.headers.get('x-llmr-lane')).toBe('raw')
  expect(await response.json()).toMatchObject({
    choices: [{ message: { tool_calls: [{ function: { name: 'read', arguments: '{"path": "a.ts"}' } }] } }],
  })
  const id = response.headers.get('x-request-id') ?? ''
  await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === id)
  const known = await (await fetch(`${gateway.url}/llmr/v1/requests?id=${id}`)).text()
  expect(known).toContain('raw: the engine could not read the reply of its model')
})

test('an engine that refuses a grammar answers without one, and is sent none any more', async () => {
  const engine = await startEngine({
    faults: [
      {
        type: 'status',
        status: 400,
        body: '{"error":{"code":400,"message":"Failed to initialize samplers: failed to parse grammar"}}',
        path: '/completion',
        times: 1,
      },
    ],
  })
  const { laneOf, gateway } = await startBefore(engine.url, undefined, 'lane: raw')
  expect(await laneOf()).toBe('raw')
  expect(await laneOf()).toBe('raw')
  const sent = engine.requests.filter(({ path }) => path === '/completion').map(({ text }) => parseForeignJson(text))
  expect(sent.map((json) => textAt(json, 'grammar') !== undefined)).toEqual([true, false, false])
  await gateway.logged(({ fault }) => fault === 'refused')
})

test('an engine that goes without the grammar and says nothing is noticed by what it says', async () => {
  const wrong: Script = { content: '<tool_call>{"name": "open_sesame", "arguments": {}}</tool_call>' }
  const engine = await startEngine({ script: ({ path }) => (path === '/completion' ? wrong : undefined) })
  const { laneOf, gateway } = await startBefore(engine.url, undefined, 'lane: raw, repair_calls: 0')
  await laneOf()
  await gateway.logged(({ fault }) => fault === 'ignored')
})
