import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import {
  beginStream,
  chatEnd,
  chatEvent,
  type EngineRequest,
  type FakeEngine,
  startFakeEngine,
} from '../../support/fake-engine.ts'
import { connectRaw, requestText } from '../../support/raw-client.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

/** What must never be read in a log. None of it looks like a secret, so that only knowing it can keep it out. */
const secrets = {
  clientKey: 'llmr_kZ7vQ2mWx9Lt4RbN8sYcD1fGhJ6pA3eU',
  wrongKey: 'Krokodil-auf-dem-Dachboden',
  backendKey: 'Tannenzapfen-im-Mondschein',
  backendHeader: 'Siebenschlaefer-unter-Buchen',
  prompt: 'the blue heron hid eleven spoons beneath the pier',
  systemPrompt: 'answer as a retired lighthouse keeper would do',
  toolArgument: 'Grand Duchess Wilhelmina of the Marshes',
  toolResult: 'three owls and a compass without a needle',
  reply: 'a lantern sways over the ferry that never came',
  user: 'ottilie.quast@example.org',
}

/** Parts and other spellings of the same. */
const variants = [
  secrets.prompt.slice(0, 24),
  secrets.reply.slice(0, 24),
  encodeURIComponent(secrets.user),
  encodeURIComponent(secrets.prompt),
]

let engine: FakeEngine
let gateway: TestGateway
let answer: (request: EngineRequest) => unknown

beforeAll(async () => {
  engine = await startFakeEngine((request) => answer(request))
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s, max_body: 64KiB }
    auth:
      keys:
        - { name: tester, sha256: "${hash('sha256', secrets.clientKey, 'hex')}", scopes: [chat, admin, metrics] }
    backends:
      fake:
        url: "${engine.url}"
        kind: openai
        api_key: "${secrets.backendKey}"
        headers: { x-tenant: "${secrets.backendHeader}" }
    models: { fake: {}, guard: { upstream: fake, moderates_by: chat } }
    resilience: { idle_timeout: 100ms, first_byte_timeout: 100ms, breaker: { failures: 1000000 } }
    dialects: { keep_alive: { interval: 20ms } }
  `)
})

afterAll(async () => {
  await gateway.close()
  await engine[Symbol.asyncDispose]()
})

let logBefore = ''

beforeEach(() => {
  logBefore = gateway.logText()
  answer = ({ response }) => json(response, 200, { choices: [{ message: { content: secrets.reply } }] })
})

function json(response: EngineRequest['response'], status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const messages = [
  { role: 'system', content: secrets.systemPrompt },
  { role: 'user', content: secrets.prompt },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: '1',
        type: 'function',
        function: { name: 'find', arguments: JSON.stringify({ who: secrets.toolArgument }) },
      },
    ],
  },
  { role: 'tool', tool_call_id: '1', content: secrets.toolResult },
]

const headers = { authorization: `Bearer ${secrets.clientKey}` }

/** Sends the chat that has every secret in it, and reads the reply to its end, however that looks. */
async function chat(
  request: Readonly<Record<string, unknown>> = {},
  given: Record<string, string> = headers,
): Promise<void> {
  const response = await postChat(
    gateway.url,
    { model: 'fake', user: secrets.user, messages, ...request },
    { headers: given },
  )
  await response.text().catch(() => 'broken off')
}

/** What the log of this test gave away. */
function leaked(): readonly string[] {
  const text = gateway.logText().slice(logBefore.length)
  return [...Object.values(secrets), ...variants].filter((secret) => text.includes(secret))
}

/** Every way in which an engine may give back what it was sent. */
const quotingReplies: Readonly<Record<string, (request: EngineRequest) => unknown>> = {
  'a 500 that quotes the request': ({ response, body }) =>
    json(response, 500, { error: { message: `bad: ${body.toString()}` } }),
  'a 500 that quotes the prompt': ({ response }) =>
    json(response, 500, { error: { message: `cannot render ${secrets.prompt}` } }),
  'a 400 that quotes a tool argument': ({ response }) =>
    json(response, 400, { error: { message: `bad argument ${secrets.toolArgument}` } }),
  'a 422 that lists the input': ({ response, body }) =>
    json(response, 422, { detail: [{ input: JSON.parse(body.toString()) }] }),
  'a 401 that quotes the key': ({ response, headers: sent }) =>
    json(response, 401, { error: { message: `wrong key: ${sent.authorization ?? ''}` } }),
  'a 403 that quotes every header': ({ response, headers: sent }) =>
    json(response, 403, { error: { message: JSON.stringify(sent) } }),
  'a 404 in HTML': ({ response, body }) =>
    response.writeHead(404, { 'content-type': 'text/html' }).end(`<p>${body.toString()}</p>`),
  'a 503 with the prompt in its first line': ({ response }) =>
    response.writeHead(503).end(`${secrets.prompt}\nloading model`),
  'a redirect that names the prompt': ({ response }) =>
    response.writeHead(302, { location: `/?q=${encodeURIComponent(secrets.prompt)}` }).end(),
  'a 200 that is no JSON': ({ response, body }) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(`oops ${body.toString()}`),
  'a reply that breaks off': ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '10000' })
    response.write(`{"x":"${secrets.reply}`, () => response.destroy())
  },
  'a stream that breaks off': ({ response }) => {
    beginStream(response)
    response.write(chatEvent(secrets.reply), () => response.destroy())
  },
  'a stream with an error in it': ({ response }) => {
    beginStream(response)
    response.end(`data: ${JSON.stringify({ error: { message: `lost: ${secrets.prompt}` } })}\n\n`)
  },
  'a stream that falls silent': ({ response }) => {
    beginStream(response)
    response.write(chatEvent(secrets.reply))
  },
  'no reply': () => undefined,
  'garbage instead of HTTP': ({ response, body }) => response.socket?.end(`${body.toString()}\r\n\r\n`),
}

test.each(Object.keys(quotingReplies))(
  'an engine that answers with %s puts nothing private into the log',
  async (name) => {
    answer = quotingReplies[name]!
    const before = gateway.log.length
    await chat()
    await chat({ stream: true })
    expect(leaked()).toEqual([])
    expect(gateway.log.length).toBeGreaterThan(before)
  },
)

test('served requests of every kind put nothing private into the log', async () => {
  await chat()
  answer = ({ response }) => {
    beginStream(response)
    response.end(chatEvent(secrets.reply) + chatEnd)
  }
  await chat({ stream: true })
  answer = ({ response }) => json(response, 200, { data: [{ embedding: [1] }] })
  const post = (path: string, body: unknown) =>
    fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) }).then((response) =>
      response.text(),
    )
  await post('/v1/embeddings', { model: 'fake', input: [secrets.prompt] })
  await post('/v1/completions', { model: 'fake', prompt: secrets.prompt })
  await post('/v1/rerank', { model: 'fake', query: secrets.prompt, documents: [secrets.toolResult] })
  answer = ({ response }) => json(response, 200, { choices: [{ message: { content: 'unsafe\nS1' } }] })
  await post('/v1/moderations', { model: 'guard', input: secrets.prompt })
  await post('/llmr/v1/route/explain', { model: 'fake', messages })
  expect(leaked()).toEqual([])
  expect(gateway.log.filter(({ msg }) => msg === 'request').length).toBeGreaterThanOrEqual(7)
})

test('refused requests put nothing private into the log, wherever the client put it', async () => {
  await chat({}, { authorization: `Bearer ${secrets.wrongKey}` })
  await chat({}, { 'x-api-key': secrets.wrongKey, cookie: `session=${secrets.wrongKey}` })
  await chat({}, { authorization: `Basic ${Buffer.from(`x:${secrets.clientKey}`).toString('base64')}` })
  await chat({ model: 17 })
  await chat({ messages: secrets.prompt.repeat(5_000) })
  await chat({ tools: secrets.toolArgument })
  const bodies = [
    `{"model":"fake","messages":[{"content":"${secrets.prompt}`,
    `${secrets.prompt} is not JSON`,
    `["${secrets.prompt}"]`,
  ]
  for (const body of bodies) await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body })
  const compressed = gzipSync(secrets.prompt).subarray(0, 30)
  await fetch(`${gateway.url}/v1/completions`, {
    method: 'POST',
    headers: { ...headers, 'content-encoding': 'gzip' },
    body: compressed,
  })
  // Keys in addresses are somebody's mistake; the query is not logged at all.
  await fetch(`${gateway.url}/v1/models?key=${secrets.clientKey}&q=${secrets.user}`, { headers })
  const client = await connectRaw(gateway.url)
  client.send(requestText({ path: '/v1/chat/completions', headers, body: '{}' }) + `${secrets.prompt}\r\n\r\n`)
  await client.closed
  expect(leaked()).toEqual([])
})

test('a client that leaves in the middle puts nothing private into the log', async () => {
  answer = ({ response }) => {
    beginStream(response)
    response.write(chatEvent(secrets.reply))
  }
  const client = await connectRaw(gateway.url)
  const body = JSON.stringify({ model: 'fake', stream: true, messages })
  client.send(requestText({ path: '/v1/chat/completions', headers: { ...headers, 'x-correlation-id': 'left' }, body }))
  await client.until(secrets.reply)
  client.cut()
  await gateway.logged(({ msg, correlation_id }) => msg === 'request' && correlation_id === 'left')
  expect(leaked()).toEqual([])
})

test('what is told to operators holds nothing private either', async () => {
  for (const path of [
    '/llmr/v1/status',
    '/llmr/v1/backends',
    '/llmr/v1/requests',
    '/llmr/v1/models',
    '/metrics',
    '/readyz',
  ]) {
    const response = await fetch(gateway.url + path, { headers })
    expect([path, response.status]).toEqual([path, 200])
    const text = await response.text()
    expect([path, Object.values(secrets).filter((secret) => text.includes(secret))]).toEqual([path, []])
  }
})
