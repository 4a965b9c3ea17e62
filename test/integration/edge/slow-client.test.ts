import { once } from 'node:events'

import { expect, test } from 'vitest'

import { beginStream, startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw, requestText } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

function startGateway(engineUrl: string): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s, slow_client_timeout: 200ms }
    backends: { fake: { url: "${engineUrl}", kind: openai } }
  `)
}

const isCut = { status: 200, error_code: 'request_timeout', client_gone: true }

test('a client that reads nothing holds its engine back, and is cut after slow_client_timeout', async () => {
  const total = 256 * 1024 ** 2
  const event = `data: ${'x'.repeat(64 * 1024)}\n\n`
  let sent = 0
  await using engine = await startFakeEngine(async ({ response, outcome }) => {
    beginStream(response)
    const left = outcome.then(() => 'left' as const)
    while (sent < total) {
      sent += event.length
      if (response.write(event)) continue
      if ((await Promise.race([once(response, 'drain'), left])) === 'left') return
    }
    response.end()
  })
  await using gateway = await startGateway(engine.url)
  const client = await connectRaw(gateway.url)
  client.socket.pause()
  client.send(chatText({ model: 'fake', stream: true }))
  const { outcome } = await engine.asked
  expect(await outcome).toBe('abandoned')
  // What fits into the sockets' buffers of three programs, and nothing like the whole.
  expect(sent).toBeLessThan(total / 4)
  expect(await gateway.logged(({ msg }) => msg === 'request')).toMatchObject(isCut)
  client.cut()
})

test('a client that reads nothing of a whole reply is cut as well', async () => {
  // More than sockets take in by themselves, and not passed on before it is whole.
  const numbers = Array.from({ length: 1024 }, () => '0.5').join(',')
  const item = `{"embedding":[${numbers}]}`
  const body = `{"data":[${Array.from({ length: 8 * 1024 }, () => item).join(',')}]}`
  await using engine = await startFakeEngine(({ response }) =>
    response.setHeader('content-type', 'application/json').end(body),
  )
  await using gateway = await startGateway(engine.url)
  const client = await connectRaw(gateway.url)
  client.socket.pause()
  client.send(requestText({ path: '/v1/embeddings', body: '{"model":"fake","input":["a"]}' }))
  expect(await gateway.logged(({ msg }) => msg === 'request')).toMatchObject(isCut)
  client.cut()
})

test('a client that comes back in time gets all of it', async () => {
  const events = Array.from({ length: 400 }, (_, index) => `data: ${index} ${'x'.repeat(32 * 1024)}\n\n`)
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    for (const event of events) response.write(event)
    response.end('data: [DONE]\n\n')
  })
  await using gateway = await startTestGateway(`backends: { fake: { url: "${engine.url}", kind: openai } }`)
  const client = await connectRaw(gateway.url)
  client.socket.pause()
  client.send(chatText({ model: 'fake', stream: true }, { connection: 'close' }))
  await engine.asked
  // It is held up for as long as the gateway takes to do something else.
  const other = await connectRaw(gateway.url)
  other.send(requestText({ method: 'GET', path: '/healthz' }))
  await other.reply()
  client.socket.resume()
  await client.closed
  const reply = await client.reply()
  expect(reply.body.toString()).toBe(`${events.join('')}data: [DONE]\n\n`)
  other.cut()
})
