import { hash } from 'node:crypto'

import { afterEach, expect } from 'vitest'

import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { pngUrl } from '../../support/images.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { failureRow } from './failure-row.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close()
})

async function start(
  yaml = '',
  options: Parameters<typeof startSimulatedEngine>[0] = {},
): Promise<{ gateway: TestGateway; engine: SimulatedEngine }> {
  const engine = await startSimulatedEngine({ embeddings: true, ...options })
  const gateway = await startTestGateway(`backends: { sim: { url: "${engine.url}", kind: llama.cpp } }\n${yaml}`)
  running.push(engine, gateway)
  return { gateway, engine }
}

const secret = 'llmr_test-key'
const keyYaml = `{ name: tester, sha256: ${hash('sha256', secret, 'hex')}, models: ["sim*"], max_concurrent: 1 }`
const authorized = { headers: { authorization: `Bearer ${secret}` } }

failureRow('model is unknown', async () => {
  const { gateway } = await start()
  const error = await errorOf(await postChat(gateway.url, { model: 'simulatd' }))
  expect(error).toMatchObject({ status: 404, code: 'model_not_found' })
  expect(error.message).toContain('simulated')
})

failureRow('body is not JSON', async () => {
  const { gateway } = await start()
  const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: '{"model": "a",' })
  expect(await errorOf(response)).toMatchObject({ status: 400, code: 'invalid_json' })
})

failureRow('body is nested too deep', async () => {
  const { gateway } = await start()
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  for (const path of ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/api/chat', '/tokenize']) {
    const body = `{"model":"simulated","metadata":${deep}}`
    const reply = await fetch(`${gateway.url}${path}`, { method: 'POST', body })
    expect([path, reply.status, await reply.text()]).toEqual([path, 400, expect.stringContaining('at most 500 levels')])
  }
})

failureRow('body is too large', async () => {
  const { gateway } = await start('listen: { max_body: 1KiB }')
  const messages = [{ role: 'user', content: 'x'.repeat(2_000) }]
  const error = await errorOf(await postChat(gateway.url, { messages }))
  expect(error).toMatchObject({ status: 413, code: 'body_too_large' })
  expect(error.headers.get('connection')).toBe('close')
})

const seen = (url: string) => ({
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
})

failureRow('image is none, or too large', async () => {
  const { gateway } = await start('dialects: { images: { max_size: 50B } }')
  const problems = [
    ['data:image/png;base64,aGVsbG8=', 'bytes are those of no image'],
    [pngUrl, 'dialects.images.max_size'],
  ] as const
  for (const [url, problem] of problems) {
    const messages = [...seen(url).messages, { role: 'assistant', content: '?' }, { role: 'user', content: 'Well?' }]
    const error = await errorOf(await postChat(gateway.url, { messages }))
    expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(error.message).toContain(problem)
  }
})

failureRow('image is only an address', async () => {
  const { gateway, engine } = await start()
  const messages = [...seen('http://10.0.0.1/a.png').messages, { role: 'assistant', content: '?' }]
  const error = await errorOf(await postChat(gateway.url, { messages }))
  expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(error.message).toContain('dialects.images.fetch')
  expect(engine.requests.some(({ path }) => path === '/v1/chat/completions')).toBe(false)
})

failureRow('model sees no images', async () => {
  const { gateway } = await start()
  const error = await errorOf(await postChat(gateway.url, seen(pngUrl)))
  expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(error.message).toContain('cannot read images')
})

failureRow('path is unknown', async () => {
  const { gateway } = await start()
  expect(await errorOf(await fetch(`${gateway.url}/v2/chat`))).toMatchObject({ status: 404, code: 'route_not_found' })
})

failureRow('method is wrong', async () => {
  const { gateway } = await start()
  const error = await errorOf(await fetch(`${gateway.url}/v1/chat/completions`))
  expect(error).toMatchObject({ status: 405, code: 'method_not_allowed' })
  expect(error.headers.get('allow')).toBe('POST')
})

failureRow('no key, or an unknown one', async () => {
  const { gateway } = await start(`auth: { keys: [${keyYaml}] }`)
  const credentials: Record<string, string>[] = [{}, { authorization: 'Bearer llmr_other' }]
  for (const headers of credentials) {
    const error = await errorOf(await postChat(gateway.url, {}, { headers }))
    expect(error).toMatchObject({ status: 401, code: 'unauthenticated' })
    expect(error.headers.has('www-authenticate')).toBe(true)
  }
  expect((await postChat(gateway.url, {}, authorized)).status).toBe(200)
})

failureRow('key may not use the model', async () => {
  const { gateway } = await start(`auth: { keys: [${keyYaml}] }\nmodels: { other: { upstream: simulated } }`)
  const error = await errorOf(await postChat(gateway.url, { model: 'other' }, authorized))
  expect(error).toMatchObject({ status: 403, code: 'model_not_allowed' })
})

failureRow('key has too much in flight', async () => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const script = () => ({ content: ['a', 'b'], beforePiece: (index: number) => (index === 1 ? hold : undefined) })
  const { gateway } = await start(`auth: { keys: [${keyYaml}] }`, { script })
  const first = await postChat(gateway.url, { stream: true }, authorized)
  const error = await errorOf(await postChat(gateway.url, {}, authorized))
  expect(error).toMatchObject({ status: 429, code: 'concurrency_limited' })
  expect(error.headers.has('retry-after')).toBe(true)
  release()
  await first.text()
})

failureRow('nothing here can moderate', async () => {
  const { gateway } = await start()
  const response = await fetch(`${gateway.url}/v1/moderations`, { method: 'POST', body: '{"input":"hello"}' })
  expect(await errorOf(response)).toMatchObject({ status: 501, code: 'not_supported' })
})

failureRow('client leaves', async () => {
  const never = new Promise<void>(() => undefined)
  const script = () => ({ content: ['a', 'b'], beforePiece: (index: number) => (index === 1 ? never : undefined) })
  const { gateway, engine } = await start('', { script })
  const client = new AbortController()
  const response = await postChat(gateway.url, { stream: true }, { signal: client.signal })
  await response.body?.getReader().read()
  client.abort()
  const received = engine.requests.find(({ path }) => path === '/v1/chat/completions')
  expect(await received?.outcome).toBe('abandoned')
  await gateway.logged(({ msg, client_gone: isGone }) => msg === 'request' && isGone === true)
})
