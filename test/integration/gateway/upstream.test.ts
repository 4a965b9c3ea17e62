import { request } from 'node:http'

import { expect, test } from 'vitest'

import { errorOf, postChat } from '../../support/chat.ts'
import { startFakeEngine } from '../../support/fake-engine.ts'
import { ownPathsModel, upgradeRequest } from '../../support/own-paths-engine.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf } from '../../support/simulated-profile.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { openTextStream } from '../../support/text-stream.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

const keyOfBob = '81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9' // SHA-256 of "bob"
const withKey = `auth: { required: false, keys: [{ name: bob, sha256: "${keyOfBob}", scopes: [chat, admin] }] }`
const asBob = { headers: { authorization: 'Bearer bob' } }

async function start(
  names: readonly string[],
  options: { roomFor?: number; yaml?: string } = {},
): Promise<TestGateway> {
  const { roomFor = 1, yaml = '' } = options
  const residency = residencyOf(names.map(ownPathsModel), roomFor)
  return keep(await startTestGateway(yaml, { residency, dataDirectory: temporaryFolder() }))
}

async function load(gateway: TestGateway, model: string): Promise<void> {
  const response = await postChat(gateway.url, { model })
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
}

function loads({ log }: TestGateway): readonly unknown[] {
  return log.filter(({ msg }) => msg === 'a model is loaded').map(({ model }) => model)
}

test('a POST to an engine brings its model in, and the path arrives as it was written', async () => {
  const gateway = await start(['org/a:8b'])
  const response = await fetch(`${gateway.url}/upstream/org/a%3A8b/x%2Fy/?q=%20`, { method: 'POST', body: 'text' })
  expect([response.status, await response.text()]).toEqual([200, 'org/a:8b POST /x%2Fy/?q=%20'])
  expect(loads(gateway)).toEqual(['org/a:8b'])
})

test('without a slash at its end the address is completed, so that relative links work', async () => {
  const gateway = await start(['a'])
  const ask = (method: string) => fetch(`${gateway.url}/upstream/a?x=1`, { method, redirect: 'manual' })
  expect([(await ask('GET')).status, (await ask('POST')).status]).toEqual([301, 308])
  expect((await ask('GET')).headers.get('location')).toBe('/upstream/a/?x=1')
  expect(loads(gateway)).toEqual([])
})

test('bodies are streamed both ways: the reply begins before the request has ended', async () => {
  const gateway = await start(['a'])
  const { hostname, port } = new URL(gateway.url)
  const upload = request({ hostname, port, method: 'POST', path: '/upstream/a/hold' })
  const heard = new Promise<string>((resolve, reject) => {
    upload.on('error', reject).on('response', (reply) => {
      let text = ''
      reply.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text === 'begun\n') upload.write('middle\n')
        if (text.endsWith('middle\n')) upload.end()
      })
      reply.on('end', () => resolve(text)).on('error', reject)
    })
  })
  upload.flushHeaders()
  expect(await heard).toBe('begun\nmiddle\nended\n')
})

test('while a reply lives its model is not swapped out under it', async () => {
  const gateway = await start(['a', 'b'])
  const { hostname, port } = new URL(gateway.url)
  const upload = request({ hostname, port, method: 'POST', path: '/upstream/a/hold' })
  const begun = Promise.withResolvers<void>()
  const ended = new Promise<string>((resolve) => {
    upload.on('response', (reply) => {
      let text = ''
      reply.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        begun.resolve()
      })
      reply.on('end', () => resolve(text))
    })
  })
  upload.flushHeaders()
  await begun.promise
  const other = load(gateway, 'b')
  await expect.poll(() => gateway.residency()!.snapshot().queue.length).toBe(1)
  expect(gateway.residency()!.isLoaded('a')).toBe(true)
  upload.end('last\n')
  expect(await ended).toBe('begun\nlast\nended\n')
  await other
  expect(loads(gateway)).toEqual(['a', 'b'])
})

test('a WebSocket reaches the engine and brings its model in; bytes go both ways as they are', async () => {
  const gateway = await start(['a'], { yaml: withKey })
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws?x=1', ['authorization: Bearer bob']))
  const head = await client.until('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
  expect(head).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  const bytes = Buffer.from([0, 1, 2, 10, 13, 10, 127])
  client.send(bytes)
  expect(await client.until(bytes.toString('latin1'))).toBeDefined()
  client.cut()
  const line = await gateway.logged(({ msg, route }) => msg === 'request' && route === 'upstream')
  expect(line).toMatchObject({ status: 101, backend: 'a' })
  expect(line).not.toHaveProperty('client_gone')
})

test('while a WebSocket lives its model is not swapped out under it, and its end lets the next one in', async () => {
  const gateway = await start(['a', 'b'])
  await load(gateway, 'a')
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws', ['x-api-key: bob']))
  // Without a key a GET loads nothing, and what is there is not taken away from anybody by looking at it.
  expect(await client.until('\r\n\r\n')).toContain('101')
  const other = load(gateway, 'b')
  await expect.poll(() => gateway.residency()!.snapshot().queue.length).toBe(1)
  client.send('still here')
  await client.until('still here')
  client.cut()
  await other
  expect(loads(gateway)).toEqual(['a', 'b'])
})

test('a real WebSocket client is content with the handshake', async () => {
  const gateway = await start(['a'])
  await load(gateway, 'a')
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/upstream/a/ws`)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
  socket.close()
  await closed
})

test('an engine that ends takes its WebSockets with it', async () => {
  const gateway = await start(['a'])
  await load(gateway, 'a')
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws'))
  await client.until('\r\n\r\n')
  process.kill(gateway.residency()!.status()[0]!.pid!, 'SIGKILL')
  await client.closed
})

test('a WebSocket on which nothing is said for too long is ended: it holds a place', async () => {
  const gateway = await start(['a'], { yaml: 'resilience: { idle_timeout: 100ms }' })
  await load(gateway, 'a')
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws'))
  await client.until('\r\n\r\n')
  await client.closed
})

test('a shutdown cuts WebSockets when its time is up', async () => {
  const gateway = await start(['a'], { yaml: 'listen: { shutdown_timeout: 50ms }' })
  await load(gateway, 'a')
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws'))
  await client.until('\r\n\r\n')
  await gateway.close()
  await client.closed
})

test('a program that offers another protocol with a plain request is served the plain request', async () => {
  const gateway = keep(await startTestGateway(''))
  const client = await connectRaw(gateway.url)
  const body = JSON.stringify({ model: 'simulated', messages: [{ role: 'user', content: 'hi' }], max_tokens: 2 })
  client.send(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n` +
      `http2-settings: AAMAAABkAAQAAP__\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  expect((await client.reply('POST')).status).toBe(200)
  client.send(upgradeRequest('/v1/models'))
  expect((await client.reply()).status).toBe(200)
  client.cut()
})

test('a page of another origin opens no WebSocket', async () => {
  const gateway = await start(['a'])
  await load(gateway, 'a')
  const client = await connectRaw(gateway.url)
  client.send(upgradeRequest('/upstream/a/ws', ['origin: https://evil.example']))
  const reply = await client.reply()
  expect(reply.status).toBe(403)
  await client.closed
})

test('what only looks loads nothing, also with a key; a GET without one does not either (N4.11)', async () => {
  const gateway = await start(['a'], { yaml: withKey })
  for (const [path, init] of [
    ['/metrics', asBob],
    ['/page/app.js', asBob],
    ['/', {}],
  ] as const) {
    expect((await fetch(`${gateway.url}/upstream/a${path}`, init)).status).toBe(409)
  }
  expect(loads(gateway)).toEqual([])
  expect(await (await fetch(`${gateway.url}/upstream/a/`, asBob)).text()).toBe('a GET /')
  expect(await (await fetch(`${gateway.url}/upstream/a/metrics`)).text()).toBe('a GET /metrics')
})

test('what only looks waits for nobody: it is answered while the only slot is at work', async () => {
  const gateway = await start(['a'])
  const { hostname, port } = new URL(gateway.url)
  const upload = request({ hostname, port, method: 'POST', path: '/upstream/a/hold' })
  const begun = new Promise((resolve) => upload.on('response', resolve))
  upload.on('error', () => undefined).flushHeaders()
  await begun
  expect(await (await fetch(`${gateway.url}/upstream/a/slots`)).text()).toBe('a GET /slots')
  upload.destroy()
})

test('the key of the client stays here; the key of the backend goes (N2.9)', async () => {
  const engine = keep2(await startFakeEngine(({ response }) => response.end('done')))
  const yaml = `${withKey}\nbackends: { e: { url: "${engine.url}", kind: openai, api_key: of-the-engine } }`
  const gateway = keep(await startTestGateway(yaml))
  const headers = { authorization: 'Bearer bob', cookie: 'a=b', 'x-api-key': 'bob', 'content-type': 'text/plain' }
  const reply = await fetch(`${gateway.url}/upstream/fake/any`, { method: 'PUT', headers, body: 'text' })
  expect(await reply.text()).toBe('done')
  const seen = await engine.asked
  expect(seen).toMatchObject({ method: 'PUT', path: '/any' })
  expect(seen.headers).toMatchObject({
    authorization: 'Bearer of-the-engine',
    'content-type': 'text/plain',
    'x-forwarded-prefix': '/upstream/fake',
  })
  expect(JSON.stringify(seen.headers)).not.toContain('bob')
  expect(seen.headers.cookie).toBeUndefined()
  expect(seen.body.toString()).toBe('text')
})

test('a reply that breaks off does not look whole (N2.9)', async () => {
  const engine = keep2(
    await startFakeEngine(({ response }) => {
      response.write('half')
      setImmediate(() => response.destroy())
    }),
  )
  const gateway = keep(await startTestGateway(`backends: { e: { url: "${engine.url}", kind: openai } }`))
  const stream = keep(await openTextStream(`${gateway.url}/upstream/fake/any`, { method: 'POST' }))
  await expect(stream.ended).rejects.toThrow()
})

test('a client that leaves cancels the work at the engine', async () => {
  const engine = keep2(await startFakeEngine(() => undefined))
  const gateway = keep(await startTestGateway(`backends: { e: { url: "${engine.url}", kind: openai } }`))
  const client = new AbortController()
  const asked = fetch(`${gateway.url}/upstream/fake/any`, { method: 'POST', signal: client.signal })
  const { outcome } = await engine.asked
  client.abort()
  await expect(asked).rejects.toThrow()
  expect(await outcome).toBe('abandoned')
})

test('through a chain the engine of a box is reached, and a circle is noticed', async () => {
  const box = await start(['a'])
  await load(box, 'a')
  const front = keep(await startTestGateway(`backends: { box: { url: "${box.url}", kind: llmr } }`))
  expect(await (await fetch(`${front.url}/upstream/a/slots?x=1`)).text()).toBe('a GET /slots?x=1')
  const headers = { 'x-llmr-hop': front.instanceId }
  expect((await errorOf(await fetch(`${front.url}/upstream/a/`, { headers }))).code).toBe('hop_loop')
})

test('names that nobody knows are refused', async () => {
  const gateway = await start(['a'])
  expect(await errorOf(await fetch(`${gateway.url}/upstream/b/x`))).toMatchObject({ code: 'model_not_found' })
})

/** Fake engines are disposed of, the rest is closed. */
function keep2<Engine extends AsyncDisposable>(engine: Engine): Engine {
  keep({ close: async () => engine[Symbol.asyncDispose]() })
  return engine
}
