import { once } from 'node:events'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { errorOf } from '../../support/chat.ts'
import { type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { connectRaw, requestText } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const path = '/v1/chat/completions'

function startEngine(): Promise<FakeEngine> {
  return startFakeEngine(({ response }) => response.setHeader('content-type', 'application/json').end('{}'))
}

function startGateway(engine: FakeEngine, listen = 'max_body: 1MiB'): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s, ${listen} }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
}

function chatOf(length: number): string {
  return JSON.stringify({ model: 'fake', messages: [{ role: 'user', content: 'x'.repeat(length) }] })
}

describe('the limit of a body', () => {
  test('a body of a mebibyte is nothing unusual (R16)', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine, 'max_body: 64MiB')
    const body = chatOf(5 * 1024 ** 2)
    expect((await fetch(gateway.url + path, { method: 'POST', body })).status).toBe(200)
    expect(engine.requests[0]?.body.toString() === body).toBe(true)
  })

  test('a body that is declared too large is refused before it is sent', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    client.send(requestText({ path, headers: { 'content-length': String(1024 ** 2 + 1) } }))
    const reply = await client.reply()
    expect(reply).toMatchObject({ status: 413, headers: { connection: 'close', 'x-should-retry': 'false' } })
    expect(JSON.parse(reply.body.toString())).toMatchObject({ error: { code: 'body_too_large' } })
    client.cut()
  })

  test('a body that declares nothing is refused as soon as it is too large', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    client.send(requestText({ path, headers: { 'transfer-encoding': 'chunked' } }))
    const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`
    for (let count = 0; count < 5; count++) client.send(chunk)
    expect(await client.reply()).toMatchObject({ status: 413, headers: { connection: 'close' } })
    client.cut()
  })

  test('a client that first sends everything and then reads finds the refusal, and is not reset meanwhile', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    const trouble: Error[] = []
    client.socket.on('error', (error) => trouble.push(error))
    client.socket.pause()
    const body = chatOf(6 * 1024 ** 2)
    const sent = new Promise<void>((resolve) => {
      client.socket.write(requestText({ path, body }), () => resolve())
    })
    await sent
    client.socket.resume()
    expect(await client.reply()).toMatchObject({ status: 413, isWhole: true })
    await client.closed
    expect(trouble).toEqual([])
    expect(engine.requests).toEqual([])
  })

  test('what follows a refused body is never read as a request', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    const smuggled = requestText({ path, body: chatOf(1) })
    client.send(requestText({ path: '/nowhere', body: smuggled }))
    expect(await client.reply()).toMatchObject({ status: 404 })
    expect((await client.closed).toString()).toBe('')
    expect(engine.requests).toEqual([])
  })
})

describe('a compressed body', () => {
  const codings = [
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const

  test.each(codings)('of %s reaches the engine unpacked', async (coding, compress) => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const body = chatOf(1000)
    const headers = { 'content-encoding': coding }
    const response = await fetch(gateway.url + path, { method: 'POST', headers, body: compress(body) })
    expect(response.status).toBe(200)
    expect(engine.requests[0]?.body.toString()).toBe(body)
    expect(engine.requests[0]?.headers).not.toHaveProperty('content-encoding')
  })

  test.each(codings)('of %s that unpacks to more than the limit is refused', async (coding, compress) => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const bomb = compress(Buffer.alloc(4 * 1024 ** 2))
    expect(bomb.length).toBeLessThan(1024 ** 2)
    const response = await fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'content-encoding': coding },
      body: bomb,
    })
    expect(await errorOf(response)).toMatchObject({ status: 413, code: 'body_too_large' })
    expect(engine.requests).toEqual([])
  })

  test('that is not what it says is refused, and so is a coding that nobody knows', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const post = (coding: string) =>
      fetch(gateway.url + path, { method: 'POST', headers: { 'content-encoding': coding }, body: chatOf(10) })
    for (const [coding] of codings) {
      expect(await errorOf(await post(coding))).toMatchObject({ status: 400, code: 'invalid_request' })
    }
    expect(await errorOf(await post('gzip, br'))).toMatchObject({ status: 415, code: 'invalid_request' })
    expect(await errorOf(await post('constructor'))).toMatchObject({ status: 415 })
  })
})

describe('a client that takes its time', () => {
  test('over its headers gets a 408', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine, 'headers_timeout: 50ms, body_timeout: 60s')
    const client = await connectRaw(gateway.url)
    client.send('POST /v1/chat/completions HTTP/1.1\r\nhost: loc')
    const reply = await client.reply()
    expect(reply).toMatchObject({ status: 408, headers: { connection: 'close' } })
    expect(JSON.parse(reply.body.toString())).toMatchObject({ error: { code: 'request_timeout', param: null } })
    await client.closed
  })

  test('over its body gets a 408 with ids, which the log has too', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine, 'headers_timeout: 50ms, body_timeout: 50ms')
    const client = await connectRaw(gateway.url)
    client.send(requestText({ path, headers: { 'content-length': '1000', 'x-correlation-id': 'slow' }, body: '{' }))
    const reply = await client.reply()
    expect(reply).toMatchObject({ status: 408, headers: { 'x-correlation-id': 'slow', connection: 'close' } })
    await client.closed
    const line = await gateway.logged(({ msg }) => msg === 'request')
    expect(line).toMatchObject({ status: 408, error_code: 'request_timeout', correlation_id: 'slow' })
  })
})

describe('a client that asks before it sends (Expect: 100-continue)', () => {
  const body = chatOf(10)
  const headers = { expect: '100-continue', 'content-length': String(body.length) }

  test('is told to go on when its body is wanted', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    client.send(requestText({ path, headers }))
    expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.send(body)
    expect((await client.reply()).status).toBe(200)
    client.cut()
  })

  test('is refused without being told to go on', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    for (const [wrong, status] of [
      [{ path, headers: { ...headers, 'content-length': '99999999' } }, 413],
      [{ path: '/nowhere', headers }, 404],
    ] as const) {
      const client = await connectRaw(gateway.url)
      client.send(requestText(wrong))
      expect(await client.until('\r\n\r\n')).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect((await client.reply()).headers['connection']).toBe('close')
      await client.closed
    }
  })

  test('gets no second thought about an expectation that nobody knows', async () => {
    await using engine = await startEngine()
    await using gateway = await startGateway(engine)
    const client = await connectRaw(gateway.url)
    client.send(requestText({ path, headers: { expect: 'tea' }, body }))
    expect((await client.reply()).status).toBe(200)
    client.cut()
  })
})

test('a body in chunks, with extensions and trailers, is read like any other', async () => {
  await using engine = await startEngine()
  await using gateway = await startGateway(engine)
  const client = await connectRaw(gateway.url)
  const body = chatOf(3)
  client.send(requestText({ path, headers: { 'transfer-encoding': 'chunked' } }))
  for (const character of body) client.send(`1;name="value"\r\n${character}\r\n`)
  client.send('0\r\nx-trailer: 1\r\n\r\n')
  expect((await client.reply()).status).toBe(200)
  expect(engine.requests[0]?.body.toString()).toBe(body)
  client.socket.end()
  await once(client.socket, 'close')
})
