import { once } from 'node:events'
import { connect } from 'node:net'

import { expect, test } from 'vitest'

import { beginStream, chatEnd, chatEvent, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { parseHttpReply } from '../../support/parse-http-reply.ts'
import { chatText, connectRaw, type RawClient, requestText } from '../../support/raw-client.ts'
import { inflightRequests, startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

function startGateway(engine: FakeEngine): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
}

/** Answers with what it was asked, so that replies can be told apart. */
function startEcho(): Promise<FakeEngine> {
  return startFakeEngine(({ response, body }) => response.setHeader('content-type', 'application/json').end(body))
}

/** Status and code of a refusal that is whole, in JSON, and the last thing on its connection. */
async function refusalOf(client: RawClient): Promise<{ status: number; code: unknown }> {
  const reply = await client.reply()
  expect(reply).toMatchObject({ isWhole: true, headers: { connection: 'close' } })
  const { error } = JSON.parse(reply.body.toString())
  expect(error).toEqual({ message: expect.any(String), type: 'invalid_request_error', param: null, code: error.code })
  expect((await client.closed).toString()).toBe('')
  return { status: reply.status, code: error.code }
}

test('long headers are no trouble, and too long ones are a 431', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }, { 'x-metadata': 'x'.repeat(40_000) }))
  expect((await client.reply()).status).toBe(200)
  client.send(chatText({ model: 'fake' }, { 'x-metadata': 'x'.repeat(70_000) }))
  expect(await refusalOf(client)).toEqual({ status: 431, code: 'invalid_request' })
})

test('requests sent before the replies to earlier ones are answered in their order', async () => {
  const waiting: (() => void)[] = []
  await using engine = await startFakeEngine(({ response, body }) => {
    response.setHeader('content-type', 'application/json')
    waiting.push(() => response.end(body))
    if (waiting.length === 3) for (const answer of waiting.toReversed()) answer()
  })
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send([1, 2, 3].map((user) => chatText({ model: 'fake', user })).join(''))
  for (const user of [1, 2, 3]) {
    const reply = await client.reply()
    expect(JSON.parse(reply.body.toString())).toMatchObject({ user })
  }
  client.cut()
})

test('garbage behind a whole reply is refused behind it, and never lands inside a stream', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    response.write(chatEvent('first'))
  })
  await using gateway = await startGateway(engine)
  const quick = await connectRaw(gateway.url)
  quick.send(`${requestText({ method: 'GET', path: '/healthz' })}garbage\r\n\r\n`)
  expect((await quick.reply()).status).toBe(200)
  expect(await refusalOf(quick)).toEqual({ status: 400, code: 'invalid_request' })

  const streaming = await connectRaw(gateway.url)
  streaming.send(chatText({ model: 'fake', stream: true }))
  await streaming.until('first')
  streaming.send('garbage\r\n\r\n')
  const bytes = await streaming.closed
  const parsed = parseHttpReply(bytes, { isClosed: true, method: 'POST' })
  expect(parsed?.reply).toMatchObject({ status: 200, isWhole: false })
  expect(parsed?.reply.body.toString()).toBe(chatEvent('first'))
  expect(await engine.requests[0]?.outcome).toBe('abandoned')
})

test('garbage behind a request whose engine is still at work ends both, with one reply', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake' }))
  const { outcome } = await engine.asked
  client.send('garbage\r\n\r\n')
  expect(await refusalOf(client)).toEqual({ status: 400, code: 'invalid_request' })
  expect(await outcome).toBe('abandoned')
  expect(await inflightRequests(gateway)).toBe(0)
})

test('a client that is refused and keeps its side open does not hold up a shutdown', async () => {
  await using engine = await startEcho()
  const gateway = await startTestGateway(`
    listen: { shutdown_timeout: 1h }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
  const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.resume().write('garbage\r\n\r\n')
  await once(socket, 'end')
  await gateway.close()
  expect(socket.writable).toBe(true)
  socket.destroy()
})

test.each([
  ['no request at all', 'hello\r\n\r\n'],
  ['two lengths', 'POST /v1/models HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
  [
    'a length and chunks',
    'POST /v1/models HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
  ],
  ['a header without a name', 'GET / HTTP/1.1\r\nhost: a\r\n: b\r\n\r\n'],
  ['a null byte in a header', 'GET / HTTP/1.1\r\nhost: a\r\nx: \0\r\n\r\n'],
  ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
])('%s gets a 400 in JSON and a closed connection', async (_, bytes) => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send(Buffer.from(bytes, 'latin1'))
  expect(await refusalOf(client)).toEqual({ status: 400, code: 'invalid_request' })
})

test('a body whose chunks make no sense is refused in the words of its request', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send(
    requestText({
      path: '/v1/chat/completions',
      headers: { 'transfer-encoding': 'chunked', 'x-correlation-id': 'torn' },
    }),
  )
  await expect.poll(() => inflightRequests(gateway)).toBe(1)
  client.send('zzz\r\n')
  const reply = await client.reply()
  expect(reply).toMatchObject({ status: 400, headers: { 'x-correlation-id': 'torn', connection: 'close' } })
  await client.closed
  const line = await gateway.logged(({ msg, correlation_id }) => msg === 'request' && correlation_id === 'torn')
  expect(line).toMatchObject({ status: 400, error_code: 'invalid_request' })
})

test('a request of HTTP/1.1 without a Host is refused with the reason', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send('GET /healthz HTTP/1.1\r\n\r\n')
  const reply = await client.reply()
  expect(reply.status).toBe(400)
  expect(reply.body.toString()).toMatch(/Expected a Host header/)
  client.cut()
})

test('a request with two Hosts is refused, whichever is the better one', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  for (const hosts of ['host: localhost\r\nHost: evil.example', 'HOST: evil.example\r\nhost: localhost']) {
    const client = await connectRaw(gateway.url)
    client.send(`GET /v1/models HTTP/1.1\r\n${hosts}\r\nconnection: close\r\n\r\n`)
    const reply = await client.reply()
    expect(reply.status).toBe(400)
    expect(reply.body.toString()).toMatch(/Expected one Host header; there are 2/)
  }
})

test('CONNECT is refused: llmr is no proxy', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send('CONNECT example.org:443 HTTP/1.1\r\nhost: example.org:443\r\n\r\n')
  expect(await refusalOf(client)).toEqual({ status: 405, code: 'method_not_allowed' })
})

test('an offer to speak another protocol is passed over', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  const headers = { connection: 'upgrade, http2-settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }
  client.send(requestText({ method: 'GET', path: '/healthz', headers }))
  expect((await client.reply()).status).toBe(200)
  client.cut()
})

test('a client of HTTP/1.0 gets a stream without chunks, which ends with the connection', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    response.end(chatEvent('old') + chatEnd)
  })
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  client.send(chatText({ model: 'fake', stream: true }).replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n'))
  const reply = await client.reply()
  expect(reply.headers).not.toHaveProperty('transfer-encoding')
  expect(reply.headers['connection']).toBe('close')
  expect(reply.body.toString()).toBe(chatEvent('old') + chatEnd)
})

test('a connection is used again, also after a refusal of a request without a body', async () => {
  await using engine = await startEcho()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  for (const [path, status] of [
    ['/v1/models', 200],
    ['/nowhere', 404],
    ['/healthz', 200],
    ['/v1/models/none', 404],
  ] as const) {
    client.send(requestText({ method: 'GET', path }))
    expect(await client.reply()).toMatchObject({ status, headers: { connection: 'keep-alive' } })
  }
  client.send(requestText({ path: '/v1/chat/completions', body: '{"model":1}' }))
  expect(await client.reply()).toMatchObject({ status: 400, headers: { connection: 'keep-alive' } })
  client.cut()
})
