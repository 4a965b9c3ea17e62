import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import type { HttpReply } from '../../support/parse-http-reply.ts'
import { chatText, connectRaw, requestText } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: FakeEngine

beforeAll(async () => {
  engine = await startFakeEngine(({ response }) => response.setHeader('content-type', 'application/json').end('{}'))
})

afterAll(async () => {
  await engine[Symbol.asyncDispose]()
})

async function ask(gateway: TestGateway, text: string): Promise<HttpReply> {
  const client = await connectRaw(gateway.url)
  client.send(text)
  const reply = await client.reply()
  client.cut()
  return reply
}

function codeOf({ body }: HttpReply): unknown {
  return JSON.parse(body.toString()).error.code
}

function preflight(origin: string): string {
  return requestText({
    method: 'OPTIONS',
    path: '/v1/chat/completions',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  })
}

describe('without auth', () => {
  let gateway: TestGateway

  beforeAll(async () => {
    gateway = await startTestGateway(`
      listen: { hosts: [box.lan] }
      backends: { fake: { url: "${engine.url}", kind: openai } }
    `)
  })

  afterAll(async () => {
    await gateway.close()
  })

  test.each(['localhost', 'LOCALHOST:8411', '127.0.0.1:1', '[::1]:8411', 'box.lan'])(
    'the Host %s is served',
    async (host) => {
      expect((await ask(gateway, chatText({ model: 'fake' }, { host }))).status).toBe(200)
    },
  )

  test.each(['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:8411', '10.0.0.1', '', '169.254.1.1'])(
    'the Host %j is a page that renamed itself, and nothing is done for it',
    async (host) => {
      const before = engine.requests.length
      for (const text of [
        chatText({ model: 'fake' }, { host }),
        requestText({ method: 'GET', path: '/v1/models', headers: { host } }),
      ]) {
        const reply = await ask(gateway, text)
        expect(reply.status).toBe(403)
        expect(codeOf(reply)).toBe('host_not_allowed')
      }
      expect(engine.requests).toHaveLength(before)
    },
  )

  test.each<Readonly<Record<string, string>>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost.evil.example' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  ])('a page of another site gets nothing done: %j', async (headers) => {
    const before = engine.requests.length
    const reply = await ask(gateway, chatText({ model: 'fake' }, { 'content-type': 'text/plain', ...headers }))
    expect(reply.status).toBe(403)
    expect(codeOf(reply)).toBe('origin_not_allowed')
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
    expect(engine.requests).toHaveLength(before)
  })

  test('a preflight is not answered with a yes', async () => {
    const reply = await ask(gateway, preflight('https://evil.example'))
    expect(reply.status).toBeGreaterThanOrEqual(400)
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('a program that sends no Origin, and a page of the gateway itself, are served', async () => {
    expect((await ask(gateway, chatText({ model: 'fake' }))).status).toBe(200)
    const own = { host: 'localhost:8411', origin: 'http://localhost:8411', 'sec-fetch-site': 'same-origin' }
    expect((await ask(gateway, chatText({ model: 'fake' }, own))).status).toBe(200)
  })
})

test('a named origin gets its preflight and its reply, errors included, and no other does', async () => {
  await using gateway = await startTestGateway(`
    listen: { cors_origins: ["https://app.example"] }
    backends: { fake: { url: "${engine.url}", kind: openai } }
  `)
  const origin = 'https://app.example'
  const yes = await ask(gateway, preflight(origin))
  expect(yes).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': origin } })
  expect(yes.headers['access-control-allow-methods']).toContain('POST')
  for (const model of ['fake', 'none']) {
    const reply = await ask(gateway, chatText({ model }, { origin }))
    expect(reply.headers['access-control-allow-origin']).toBe(origin)
  }
  const no = await ask(gateway, chatText({ model: 'fake' }, { origin: 'https://evil.example' }))
  expect(codeOf(no)).toBe('origin_not_allowed')
})
