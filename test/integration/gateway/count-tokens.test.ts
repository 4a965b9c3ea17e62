import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { startFakeEngine } from '../../support/fake-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

const request = {
  model: 'm',
  system: 'Be brief.',
  messages: [{ role: 'user', content: 'How many tokens is this, with a tool beside it?' }],
  tools: [{ name: 'read', description: 'Reads a file.', input_schema: { type: 'object', properties: {} } }],
}

async function count(url: string, body: object = request, path = '/v1/messages/count_tokens') {
  const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, source: response.headers.get('x-llmr-token-count'), json: await response.json() }
}

async function used(url: string): Promise<unknown> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ ...request, max_tokens: 1 }),
  })
  const { usage } = (await response.json()) as { usage: Record<string, number> }
  return (usage['input_tokens'] ?? 0) + (usage['cache_read_input_tokens'] ?? 0)
}

test('an engine that has the model counts as many tokens as a reply then costs', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  await using gateway = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`)
  const counted = await count(gateway.url)
  expect(counted).toMatchObject({ status: 200, source: 'engine', json: { input_tokens: await used(gateway.url) } })
  expect(await count(gateway.url, request, '/messages/count_tokens')).toEqual(counted)
})

test('vLLM is asked in its own way', async () => {
  await using engine = await startFakeEngine(({ path, response }) => {
    response.end(path === '/tokenize' ? '{"count":77,"max_model_len":4096,"tokens":[]}' : '{"version":"0.9"}')
  })
  await using gateway = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: vllm } }`)
  const counted = await count(gateway.url, { ...request, model: 'fake' })
  expect(counted).toMatchObject({ source: 'engine', json: { input_tokens: 77 } })
  const asked = engine.requests.find(({ path }) => path === '/tokenize')
  expect(JSON.parse(String(asked?.body))).toMatchObject({
    model: 'fake',
    messages: [{ role: 'system' }, {}],
    tools: [{}],
  })
})

test('an engine behind another gateway counts too', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  await using box = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`)
  await using front = await startTestGateway(`
    backends: { box: { url: "${box.url}", kind: llmr } }
    models: { m: { aliases: [claude] } }
  `)
  expect(await count(front.url, { ...request, model: 'claude' })).toEqual(await count(box.url))
})

test('who cannot be asked, or cannot see what counts, gets an estimate that says so', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  await using gateway = await startTestGateway(`
    backends:
      gpu: { url: "${engine.url}", kind: llama.cpp }
      cloud: { url: "${engine.url}", kind: openai, models: [far] }
  `)
  const estimate = { status: 200, source: 'estimate', json: { input_tokens: expect.any(Number) } }
  expect(await count(gateway.url, { ...request, model: 'far' })).toEqual(estimate)

  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
  const seen = { ...request, messages: [{ role: 'user', content: [image] }] }
  expect(await count(gateway.url, seen)).toMatchObject({ source: 'estimate' })

  await engine.control.addFault({ type: 'status', status: 500 })
  expect(await count(gateway.url)).toEqual(estimate)
})

test('a prompt is counted however long it is, and a model that nobody has is still refused', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm', contextLength: 512 }))
  await using gateway = await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`)
  const long = { ...request, messages: [{ role: 'user', content: 'word '.repeat(20_000) }] }
  const { json } = await count(gateway.url, long)
  expect(json).toMatchObject({ input_tokens: expect.any(Number) })
  expect((json as { input_tokens: number }).input_tokens).toBeGreaterThan(10_000)
  expect(await count(gateway.url, { ...request, model: 'nobody' })).toMatchObject({
    status: 404,
    json: { type: 'error', error: { type: 'not_found_error' } },
  })
})
