import { expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

/** Two models in a memory that holds one; each has a context of 65,536 tokens. */
async function start(yaml = ''): Promise<TestGateway> {
  const models = ['a', 'b'].map((name) => {
    const model = simulatedModel(name, { args: ['--ctx-size', '65536'] })
    return { ...model, description: { ...model.description, contextLength: 65_536 } }
  })
  return keep(await startTestGateway(yaml, { residency: residencyOf(models, 1), dataDirectory: temporaryFolder() }))
}

async function load(gateway: TestGateway, model: string): Promise<void> {
  const response = await postChat(gateway.url, { model, max_tokens: 2 })
  expect(response.status, await response.text()).toBe(200)
}

function loads({ log }: TestGateway): readonly unknown[] {
  return log.filter(({ msg }) => msg === 'a model is loaded').map(({ model }) => model)
}

async function ask(gateway: TestGateway, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect([path, response.status, text.slice(0, 200)]).toEqual([path, 200, expect.anything()])
  return text === '' ? undefined : JSON.parse(text)
}

const probes = [
  ['GET', '/v1/models'],
  ['GET', '/v1/models/b'],
  ['GET', '/api/tags'],
  ['HEAD', '/api/tags'],
  ['GET', '/api/ps'],
  ['GET', '/api/version'],
  ['GET', '/api/show'],
  ['GET', '/api/show?model=b'],
  ['POST', '/api/show', { model: 'b' }],
  ['POST', '/api/show', { name: 'b' }],
  ['POST', '/api/show', {}],
  ['GET', '/api/v1/models'],
  ['GET', '/api/v0/models'],
  ['GET', '/api/v0/models/b'],
  ['GET', '/props'],
  ['GET', '/v1/props?model=b'],
  ['GET', '/slots'],
  ['GET', '/slots?model=b'],
  ['GET', '/v1/health'],
  ['GET', '/version'],
] as const

test('lists and probes never wake or switch a model (N4.11)', async () => {
  const gateway = await start()
  for (const [method, path, body] of probes) await ask(gateway, method, path, body)
  expect(loads(gateway)).toEqual([])
  await load(gateway, 'a')
  for (const [method, path, body] of probes) await ask(gateway, method, path, body)
  expect(loads(gateway)).toEqual(['a'])
})

test('the context that a request gets is told in every form that clients read', async () => {
  const gateway = await start()
  await load(gateway, 'a')
  for (const model of ['a', 'b']) {
    expect(await ask(gateway, 'GET', `/v1/models/${model}`)).toMatchObject({
      context_length: 65_536,
      max_model_len: 65_536,
      meta: { n_ctx: 65_536 },
    })
    expect(await ask(gateway, 'GET', `/v1/props?model=${model}`)).toMatchObject({
      default_generation_settings: { n_ctx: 65_536 },
      model_alias: model,
      total_slots: 2,
      is_sleeping: model === 'b',
    })
    expect(await ask(gateway, 'POST', '/api/show', { model })).toMatchObject({
      parameters: expect.stringMatching(/^num_ctx\s+65536$/m),
      model_info: { 'llmr.context_length': 65_536 },
    })
    expect(await ask(gateway, 'GET', `/api/v0/models/${model}`)).toMatchObject({ max_context_length: 65_536 })
  }
  expect(await ask(gateway, 'GET', '/api/v1/models')).toMatchObject({
    models: ['a', 'b'].map((key) => ({ key, loaded_instances: [{ config: { context_length: 65_536 } }] })),
  })
})

test('without a name the model is meant that came into memory last, and what is loaded is told', async () => {
  const gateway = await start()
  await load(gateway, 'b')
  expect(await ask(gateway, 'GET', '/props')).toMatchObject({ model_alias: 'b', is_sleeping: false })
  expect(await ask(gateway, 'GET', '/api/show')).toMatchObject({ modelfile: expect.stringContaining('FROM b') })
  expect(await ask(gateway, 'GET', '/api/ps')).toMatchObject({ models: [{ name: 'b', context_length: 65_536 }] })
  expect(await ask(gateway, 'GET', '/api/v0/models')).toMatchObject({
    data: [
      { id: 'a', state: 'not-loaded' },
      { id: 'b', state: 'loaded', loaded_context_length: 65_536 },
    ],
  })
  expect(await ask(gateway, 'GET', '/slots')).toEqual([
    { id: 0, n_ctx: 65_536, is_processing: false },
    { id: 1, n_ctx: 65_536, is_processing: false },
  ])
})

test('a model that nobody knows is told as such, in the dialect of the question', async () => {
  const gateway = await start()
  const shown = await fetch(`${gateway.url}/api/show`, { method: 'POST', body: '{"model":"nobody"}' })
  expect(shown.status).toBe(404)
  expect(await shown.json()).toEqual({ error: expect.stringContaining('not found') })
  const props = await fetch(`${gateway.url}/props?model=nobody`)
  expect(await props.json()).toMatchObject({ error: { code: 'model_not_found' } })
})

test('clients of Ollama are greeted in its words, everybody else as ever', async () => {
  const gateway = await start()
  for (const agent of ['ollama/0.12.0 (amd64 linux) Go/go1.24', 'ollama-python/0.6.0', 'ollama-js/0.6.4']) {
    const response = await fetch(gateway.url, { headers: { 'user-agent': agent } })
    expect(await response.text()).toBe('Ollama is running')
  }
  expect((await fetch(gateway.url, { method: 'HEAD' })).status).toBe(200)
  expect(await (await fetch(gateway.url)).text()).toContain('llmr')
})

test('a key sees only the models that it may use, whatever it asks by', async () => {
  const gateway = await start(`
    auth: { keys: [{ name: k, sha256: 2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683, scopes: [chat], models: [b] }] }
  `)
  const get = async (path: string): Promise<string> =>
    (await fetch(`${gateway.url}${path}`, { headers: { authorization: 'Bearer key' } })).text()
  for (const path of ['/v1/models', '/api/tags', '/api/v1/models', '/api/v0/models', '/props', '/api/show']) {
    const text = await get(path)
    expect([path, text.includes('"a"') || text.includes('FROM a')]).toEqual([path, false])
    expect([path, text.includes('"b"') || text.includes('FROM b')]).toEqual([path, true])
  }
  expect(await get('/props?model=a')).toContain('model_not_found')
  expect((await fetch(`${gateway.url}/api/tags`)).status).toBe(401)
})

test('what an engine does without computing a reply is asked where the model is, and loads none', async () => {
  const gateway = await start()
  const post = (path: string, body: object) =>
    fetch(`${gateway.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const refused = await post('/tokenize', { model: 'a', content: 'one two' })
  expect(refused.status).toBe(409)
  expect(loads(gateway)).toEqual([])
  await load(gateway, 'a')
  const { tokens } = (await (await post('/tokenize', { content: 'one two' })).json()) as { tokens: number[] }
  expect(tokens.length).toBeGreaterThan(1)
  expect(await (await post('/detokenize', { tokens })).json()).toEqual({ content: 'one two' })
  const messages = [{ role: 'user', content: 'hi' }]
  expect(await (await post('/apply-template?model=a', { messages })).json()).toEqual({
    prompt: expect.stringContaining('hi'),
  })
  expect((await post('/tokenize', { model: 'b', content: 'one' })).status).toBe(409)
  expect(loads(gateway)).toEqual(['a'])
})

test('llama-server’s own completion and infill load the model and stream to their own end', async () => {
  const gateway = await start()
  const post = (path: string, body: object) =>
    fetch(`${gateway.url}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const whole = (await (await post('/completion', { model: 'a', prompt: 'Once', n_predict: 6 })).json()) as {
    content: string
  }
  expect(whole).toMatchObject({ stop: true, stop_type: 'limit' })
  const response = await post('/completion', { model: 'a', prompt: 'Once', n_predict: 6, stream: true })
  const events = (await response.text())
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice(6)) as { content: string; stop: boolean })
  expect(events.map(({ content }) => content).join('')).toBe(whole.content)
  expect(events.at(-1)).toMatchObject({ stop: true })
  expect(await (await post('/infill', { input_prefix: 'a(', input_suffix: ')', n_predict: 3 })).json()).toMatchObject({
    content: expect.stringMatching(/./),
    stop: true,
  })
  expect(loads(gateway)).toEqual(['a'])
  const failed = gateway.log.filter(({ msg }) => msg === 'a backend did not serve a request')
  expect(failed).toEqual([])
})

test('a gap that editors ask to be filled comes back as a chat’s delta', async () => {
  const gateway = await start()
  const response = await fetch(`${gateway.url}/v1/fim/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'a', prompt: 'a(', suffix: ')', max_tokens: 4, stream: true }),
  })
  const text = await response.text()
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(text).toMatch(/"delta":\{"content":"[^"]/)
  expect(text).toContain('"finish_reason":"length"')
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
})

test('a model that is there has been pulled, and pulling it loads nothing', async () => {
  const gateway = await start()
  expect(await ask(gateway, 'POST', '/api/pull', { model: 'b' })).toEqual({ status: 'success' })
  expect(await ask(gateway, 'POST', '/api/pull', { name: 'b:latest', stream: false })).toEqual({ status: 'success' })
  const other = await fetch(`${gateway.url}/api/pull`, { method: 'POST', body: JSON.stringify({ model: 'c' }) })
  expect([other.status, await other.json()]).toEqual([501, { error: expect.stringContaining('does not pull models') }])
  expect(loads(gateway)).toEqual([])
})

test('a llama-server that llmr starts is not started for what it has no endpoint for', async () => {
  const gateway = await start()
  const body = JSON.stringify({ model: 'a', prompt: 'a cat' })
  const response = await fetch(`${gateway.url}/v1/images/generations`, { method: 'POST', body })
  expect(response.status).toBe(501)
  expect(await response.text()).toContain('no endpoint for this (image-generation)')
  expect(loads(gateway)).toEqual([])
})
