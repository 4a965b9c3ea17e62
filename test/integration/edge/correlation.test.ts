import { afterAll, beforeAll, expect, test } from 'vitest'

import { type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let engine: FakeEngine
let gateway: TestGateway

beforeAll(async () => {
  engine = await startFakeEngine(({ response }) => response.setHeader('content-type', 'application/json').end('{}'))
  gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
})

afterAll(async () => {
  await gateway.close()
  await engine[Symbol.asyncDispose]()
})

/** The ids that a request with these headers goes by: as the client, the engine and the log are told. */
async function idsOf(headers: Readonly<Record<string, string>>) {
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }, headers))
  const reply = await client.reply()
  client.cut()
  expect(reply.status).toBe(200)
  const { 'x-correlation-id': correlationId, 'x-request-id': requestId } = reply.headers
  const line = await gateway.logged(({ msg, request_id }) => msg === 'request' && request_id === requestId)
  expect(line['correlation_id']).toBe(correlationId)
  expect(engine.requests.at(-1)?.headers['x-correlation-id']).toBe(correlationId)
  expect(requestId).toMatch(uuidv7)
  return { correlationId, requestId }
}

test.each(['a', 'Trace:1.2_3-4', 'x'.repeat(128)])('the correlation id %s is taken and goes everywhere', async (id) => {
  const { correlationId, requestId } = await idsOf({ 'x-correlation-id': id })
  expect(correlationId).toBe(id)
  expect(requestId).not.toBe(id)
})

test('a request id of the client stands in for a correlation id, and is never the request id of ours (N3.10)', async () => {
  const { correlationId, requestId } = await idsOf({ 'x-request-id': 'from-a-proxy' })
  expect(correlationId).toBe('from-a-proxy')
  expect(requestId).not.toBe('from-a-proxy')
  expect((await idsOf({ 'x-request-id': 'second', 'x-correlation-id': 'first' })).correlationId).toBe('first')
})

test.each(['', 'two words', 'x'.repeat(129), 'a\tb', '{"a":1}', 'caf\u00e9', 'a, b'])(
  'the correlation id %j is not taken: one is minted',
  async (id) => {
    const { correlationId, requestId } = await idsOf({ 'x-correlation-id': id })
    expect(correlationId).toMatch(uuidv7)
    expect(correlationId).toBe(requestId)
  },
)

test('two requests with the same correlation id have request ids of their own', async () => {
  const first = await idsOf({ 'x-correlation-id': 'same' })
  const second = await idsOf({ 'x-correlation-id': 'same' })
  expect(first.requestId).not.toBe(second.requestId)
})

test('a refusal carries both ids too', async () => {
  const response = await fetch(`${gateway.url}/nowhere`, { headers: { 'x-correlation-id': 'lost' } })
  expect(response.headers.get('x-correlation-id')).toBe('lost')
  expect(response.headers.get('x-request-id')).toMatch(uuidv7)
})
