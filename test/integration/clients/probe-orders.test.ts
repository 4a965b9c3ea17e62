import { existsSync, readFileSync } from 'node:fs'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { at, listAt, textAt } from '../../../src/core/foreign-json.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { captureFile } from '../../support/capture-file.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

/** What clients ask before their first chat, in their order, and what they make of the answers. */

const contextLength = 131_072
let engine: SimulatedEngine
let gateway: TestGateway

beforeAll(async () => {
  engine = await startSimulatedEngine({ model: 'test-model', contextLength })
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
  `)
})

afterAll(async () => {
  await gateway.close()
  await engine.close()
})

async function ask(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text }
}

const hermes = captureFile('hermes-probes.synthetic')

test('Hermes takes llmr for LM Studio at its first question, and finds room for its prompts', async () => {
  const { status, json } = await ask('GET', '/api/v1/models')
  expect(status).toBe(200)
  const model = listAt(json, 'models').find((entry) => textAt(entry, 'key') === 'test-model')
  // Nothing else is read, and below 64 K the model is not taken.
  expect(at(model, 'loaded_instances', 0, 'config', 'context_length')).toBe(contextLength)
  const { json: list } = await ask('GET', '/v1/models')
  expect(at(list, 'data', 0)).toMatchObject({ id: 'test-model', context_length: contextLength })
  expect((await ask('POST', '/api/show', { name: 'test-model' })).status).toBe(200)
})

test.skipIf(!existsSync(hermes))('each question of Hermes, as recorded, has an answer that says so much', async () => {
  const recorded: unknown = JSON.parse(readFileSync(hermes, 'utf8'))
  for (const request of listAt(recorded, 'requests')) {
    const body = at(request, 'body')
    const path = textAt(request, 'url') ?? ''
    const { status, json } = await ask(
      textAt(request, 'method') ?? '',
      path,
      typeof body === 'object' && body !== null ? body : undefined,
    )
    expect([path, status]).toEqual([path, 200])
    if (path !== '/version') expect([path, JSON.stringify(json)]).toEqual([path, expect.stringContaining('test-model')])
  }
})

test('Open WebUI reads names twice, a date that Python reads, and a version of numbers (R13)', async () => {
  const { json: tags } = await ask('GET', '/api/tags')
  expect(listAt(tags, 'models')).toMatchObject([{ name: 'test-model', model: 'test-model' }])
  const { json: running } = await ask('GET', '/api/ps')
  expect(at(running, 'models', 0)).toMatchObject({
    name: 'test-model',
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/),
  })
  const { json: version } = await ask('GET', '/api/version')
  expect((textAt(version, 'version') ?? '').split('.').map(Number)).not.toContain(NaN)
  const { json: models } = await ask('GET', '/v1/models')
  expect(at(models, 'data', 0)).toMatchObject({ status: { value: 'loaded' } })
})

test('AnythingLLM finds a list of capabilities and a context of every model', async () => {
  const { json: earlier } = await ask('GET', '/api/v0/models')
  expect(listAt(earlier, 'data')).toMatchObject([{ id: 'test-model', type: 'llm', max_context_length: contextLength }])
  const { json: models } = await ask('GET', '/api/v1/models')
  expect(at(models, 'models', 0)).toMatchObject({
    key: 'test-model',
    capabilities: { trained_for_tool_use: true, vision: false },
  })
  for (const model of listAt((await ask('GET', '/api/tags')).json, 'models')) {
    const { json: shown } = await ask('POST', '/api/show', { model: textAt(model, 'name') })
    expect(listAt(shown, 'capabilities')).toContain('completion')
    const keys = Object.keys(at(shown, 'model_info') ?? {})
    expect(keys).toContainEqual(expect.stringMatching(/\.context_length$/))
  }
})

test('Home Assistant finds the model that it was set up with, and need not pull it', async () => {
  const { json } = await ask('GET', '/api/tags')
  expect(listAt(json, 'models').map((model) => textAt(model, 'model'))).toContain('test-model')
  const { status, json: reply } = await ask('POST', '/api/chat', {
    model: 'test-model',
    messages: [{ role: 'user', content: 'hi' }],
    stream: false,
    think: null,
    keep_alive: '-1s',
    options: { num_ctx: 8192 },
  })
  expect([status, at(reply, 'done')]).toEqual([200, true])
})

test('Continue reads the context from the parameters, and lengths as vLLM tells them', async () => {
  const { json: shown } = await ask('POST', '/api/show', { name: 'test-model' })
  const [, length] = /^num_ctx\s+(\d+)/m.exec(textAt(shown, 'parameters') ?? '') ?? []
  expect(Number(length)).toBe(contextLength)
  expect(textAt(shown, 'template')).toContain('.Prompt')
  const { json: models } = await ask('GET', '/models')
  expect(at(models, 'data', 0)).toMatchObject({ id: 'test-model', max_model_len: contextLength })
})

test('Claude Code’s question whether anybody is there is answered', async () => {
  expect((await ask('HEAD', '/')).status).toBe(200)
})

test('no probe was asked of the engine (R12)', () => {
  const asked = new Set(engine.requests.map(({ method, path }) => `${method} ${path}`))
  expect([...asked].filter((question) => /api\/|slots|tokenize/.test(question))).toEqual([])
})
