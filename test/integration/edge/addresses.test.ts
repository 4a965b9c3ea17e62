import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { openaiPaths } from '../../../src/backends/openai-paths.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { postChat } from '../../support/chat.ts'
import { type EngineRequest, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { connectRaw, requestText } from '../../support/raw-client.ts'
import { startReplayServer } from '../../support/replay-server.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: FakeEngine
let gateway: TestGateway

beforeAll(async () => {
  engine = await startFakeEngine(({ response }) =>
    response.setHeader('content-type', 'application/json').end('{"results":[],"data":[]}'),
  )
  // A second model, so that a name is needed.
  gateway = await startTestGateway(`
    backends: { fake: { url: "${engine.url}", kind: openai } }
    models: { other: { upstream: fake }, org/name: { upstream: fake } }
  `)
})

afterAll(async () => {
  await gateway.close()
  await engine[Symbol.asyncDispose]()
})

/** What the engine was last asked. */
function asked(): EngineRequest | undefined {
  return engine.requests.at(-1)
}

function post(path: string, init: { body?: RequestInit['body']; headers?: Record<string, string> }): Promise<Response> {
  return fetch(gateway.url + path, { method: 'POST', ...init })
}

describe('every operation', () => {
  // What has no /v1 in its name is llama.cpp's own, which this engine has not.
  const paths = Object.values(openaiPaths).filter((path) => path.startsWith('/v1/') && path !== openaiPaths.moderation)

  test.each(paths)('%s is also served without /v1, with slashes at its end and with a query (R8)', async (path) => {
    for (const spelling of [path, path.slice('/v1'.length), `${path}/`, `${path}//?beta=true`]) {
      const body = JSON.stringify({ model: 'fake', spelling })
      const response = await post(spelling, { body })
      expect([spelling, response.status]).toEqual([spelling, 200])
      await response.arrayBuffer()
      expect(asked()).toMatchObject({ method: 'POST', path, body: Buffer.from(body) })
    }
  })

  test('rerank has the names that llama.cpp gives it, too', async () => {
    for (const path of ['/v1/reranking', '/reranking']) {
      expect((await post(path, { body: '{"model":"fake"}' })).status).toBe(200)
      expect(asked()?.path).toBe('/v1/rerank')
    }
  })
})

describe('the name of the model (N2.6)', () => {
  test('is found in JSON', async () => {
    await post('/v1/chat/completions', { body: '{"messages":[],"model":"other"}' })
    expect(asked()?.body.toString()).toBe('{"messages":[],"model":"fake"}')
  })

  test('is found in JSON that curl calls a form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await post('/v1/chat/completions', { body: ' {"model":"other"}', headers })
    expect(asked()?.body.toString()).toBe(' {"model":"fake"}')
    expect(asked()?.headers['content-type']).toBe('application/json')
  })

  test('is found in a form', async () => {
    await post('/v1/audio/speech', { body: new URLSearchParams({ model: 'other', input: 'a b&c' }) })
    expect(Object.fromEntries(new URLSearchParams(asked()?.body.toString()))).toEqual({ model: 'fake', input: 'a b&c' })
  })

  test('is found in a multipart form, whatever case its type is written in', async () => {
    const form = ['--x', 'content-disposition: form-data; name="model"', '', 'other', '--x--', ''].join('\r\n')
    for (const type of ['multipart/form-data', 'Multipart/Form-Data']) {
      const response = await post('/v1/images/edits', {
        body: form,
        headers: { 'content-type': `${type}; boundary=x` },
      })
      expect(response.status).toBe(200)
      expect(asked()).toMatchObject({ path: '/v1/images/edits', body: Buffer.from(form.replace('other', 'fake')) })
    }
  })

  test('is found in the query, and put into the JSON that lacks it', async () => {
    await post('/v1/chat/completions?beta=true&model=other', { body: '{"messages":[]}' })
    expect(asked()?.body.toString()).toBe('{"model":"fake","messages":[]}')
  })

  test('may hold a slash, written plainly or escaped', async () => {
    for (const id of ['org/name', 'org%2Fname', 'org%2fname/']) {
      const response = await fetch(`${gateway.url}/v1/models/${id}`)
      expect(await response.json()).toMatchObject({ id: 'org/name', object: 'model' })
    }
  })
})

test('HEAD / says that llmr is there, without a body (R8)', async () => {
  const client = await connectRaw(gateway.url)
  client.send(requestText({ method: 'HEAD', path: '/' }))
  expect(await client.reply('HEAD')).toMatchObject({ status: 200, body: Buffer.alloc(0) })
  client.send(requestText({ method: 'GET', path: '/' })) // the connection is still in step
  expect((await client.reply()).body.toString()).toMatch(/^llmr .* is running/)
  client.cut()
})

test('a list of models asks no engine, and states the context of the running instance in each spelling (R12)', async () => {
  const sim = await startSimulatedEngine({ contextLength: 4321 })
  await using front = await startTestGateway(`backends: { sim: { url: "${sim.url}", kind: llama.cpp } }`)
  const before = sim.requests.length
  for (const path of ['/v1/models', '/models', '/v1/models/', '/v1/models?beta=true']) {
    const { data } = (await (await fetch(front.url + path)).json()) as { data: unknown[] }
    expect(data).toEqual([
      expect.objectContaining({
        id: 'simulated',
        context_length: 4321,
        max_model_len: 4321,
        meta: { n_ctx: 4321 },
      }),
    ])
  }
  expect(sim.requests).toHaveLength(before)
  await sim.close()
})

test('a model whose name fits into no header can be asked all the same', async () => {
  const names = ['\ud800broken', 'mod\u00e8le \u{1f642}', 'a\nb']
  await using odd = await startReplayServer({
    'GET /v1/models': { status: 200, json: { data: names.map((id) => ({ id })) } },
    '*': { status: 200, json: { object: 'chat.completion' } },
  })
  await using front = await startTestGateway(`backends: { odd: { url: "${odd.url}", kind: openai } }`)
  for (const model of names) {
    const response = await postChat(front.url, { model })
    expect([model, response.status]).toEqual([model, 200])
    expect(decodeURIComponent(response.headers.get('x-llmr-model') ?? '')).toBe(model.toWellFormed())
  }
})
