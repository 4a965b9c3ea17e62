import { once } from 'node:events'
import { connect } from 'node:net'

import { expect, test } from 'vitest'

import { beginStream, chatEnd, chatEvent, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw, requestText } from '../../support/raw-client.ts'
import { inflightRequests, startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

function startGateway(engine: FakeEngine, shutdownTimeout: string): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: ${shutdownTimeout} }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
}

function startStreamingEngine(): Promise<FakeEngine> {
  return startFakeEngine(({ response }) => {
    beginStream(response)
    response.write(chatEvent('first'))
  })
}

test('a stream in flight finishes, its kept-alive connection does not hold up the end, and nobody new comes in', async () => {
  await using engine = await startStreamingEngine()
  const gateway = await startGateway(engine, '60s')
  const [streaming, idle] = await Promise.all([connectRaw(gateway.url), connectRaw(gateway.url)])
  idle.send(requestText({ method: 'GET', path: '/healthz' }))
  await idle.reply()
  streaming.send(chatText({ model: 'fake', stream: true }))
  await streaming.until('first')

  const closing = gateway.close()
  expect((await idle.closed).length).toBe(0)
  const late = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')

  const { response } = await engine.asked
  response.end(chatEnd)
  const reply = await streaming.reply()
  expect(reply.body.toString()).toBe(chatEvent('first') + chatEnd)
  await streaming.closed
  await closing
  await gateway.close()
})

test('a connection that a client opened ahead and never used does not hold up the end', async () => {
  await using engine = await startStreamingEngine()
  const gateway = await startGateway(engine, '60s')
  const ahead = await connectRaw(gateway.url)
  const other = await connectRaw(gateway.url)
  other.send(requestText({ method: 'GET', path: '/healthz' }))
  await other.reply()
  const closing = gateway.close()
  expect((await ahead.closed).length).toBe(0)
  await closing
})

test('what was asked on a new connection just before the end is answered, not cut off', async () => {
  await using engine = await startFakeEngine(({ response }) => response.end('{"choices":[]}'))
  const gateway = await startGateway(engine, '60s')
  const clients = await Promise.all(Array.from({ length: 8 }, () => connectRaw(gateway.url)))
  // The server knows of each connection before anything is asked on it.
  const first = await connectRaw(gateway.url)
  first.send(requestText({ method: 'GET', path: '/healthz' }))
  await first.reply()
  const closing = gateway.close()
  for (const client of clients) client.send(chatText({ model: 'fake' }))
  for (const client of clients) expect((await client.reply()).status).toBe(200)
  await closing
})

test('a stream beyond the bound ends with an error that says why, as an event of its own', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    response.write(chatEvent('first') + 'data: {"torn":')
  })
  const gateway = await startGateway(engine, '20ms')
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake', stream: true }))
  await client.until('torn')
  await gateway.close()
  const reply = await client.reply()
  expect(reply.isWhole).toBe(true)
  const events = reply.body.toString().split('\n\n')
  expect(events.slice(0, 2)).toEqual([chatEvent('first').trim(), 'data: {"torn":'])
  expect(JSON.parse(events.at(-2)?.replace('data: ', '') ?? '')).toMatchObject({ error: { code: 'shutting_down' } })
  const { outcome } = await engine.asked
  expect(await outcome).toBe('abandoned')
})

test('requests that have no reply at the bound get a 503, whether they wait or still send', async () => {
  await using engine = await startFakeEngine(() => undefined)
  const gateway = await startGateway(engine, '20ms')
  const [waiting, sending] = await Promise.all([connectRaw(gateway.url), connectRaw(gateway.url)])
  waiting.send(chatText({ model: 'fake' }))
  sending.send(requestText({ path: '/v1/chat/completions', headers: { 'content-length': '100' }, body: '{' }))
  await engine.asked
  await expect.poll(() => inflightRequests(gateway)).toBe(2)
  await gateway.close()
  for (const client of [waiting, sending]) {
    const reply = await client.reply()
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(JSON.parse(reply.body.toString())).toMatchObject({ error: { code: 'shutting_down' } })
    await client.closed
  }
})
