import { setImmediate } from 'node:timers/promises'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { chatEnd, chatEvent, type EngineRequest, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { type HttpReply, parseHttpReply } from '../../support/parse-http-reply.ts'
import { chatText, connectRaw } from '../../support/raw-client.ts'
import { inflightRequests, startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: FakeEngine
let gateway: TestGateway
let answer: (request: EngineRequest) => void

beforeAll(async () => {
  engine = await startFakeEngine((request) => answer(request))
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s, max_body: 256KiB, cors_origins: ["https://app.example"] }
    backends: { fake: { url: "${engine.url}", kind: openai } }
    resilience: { breaker: { failures: 1000000 } }
  `)
})

afterAll(async () => {
  await gateway.close()
  await engine[Symbol.asyncDispose]()
})

const whole = '{"object":"chat.completion","choices":[]}'

function answerWell({ response, body }: EngineRequest): void {
  if (body.includes('"stream":true')) {
    response.setHeader('content-type', 'text/event-stream').end(chatEvent('hi') + chatEnd)
  } else {
    response.setHeader('content-type', 'application/json').end(whole)
  }
}

/** Whatever was done to the gateway: it serves, has nothing left in hand, and found no fault in itself. */
async function expectUnharmed(): Promise<void> {
  answer = answerWell
  const response = await postChat(gateway.url, { model: 'fake' })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe(whole)
  await expect.poll(() => inflightRequests(gateway)).toBe(0)
  const [backend] = gateway.fleet.all
  expect(backend?.standing().inflight).toBe(0)
  expect(gateway.log.find(({ level }) => level === 'error')).toBeUndefined()
}

/** Fails unless it is a reply that OpenAI's clients can read: an error has all four fields. */
function expectReadable(reply: HttpReply, method: string): void {
  if (reply.status < 400 || method === 'HEAD') return
  expect(reply.headers['content-type']).toBe('application/json')
  expect(JSON.parse(reply.body.toString())).toEqual({
    error: {
      message: expect.stringMatching(/./),
      type: expect.stringMatching(/^[a-z_]+$/),
      param: expect.toSatisfy((param) => param === null || typeof param === 'string'),
      code: expect.stringMatching(/^[a-z_]+$/),
    },
  })
}

const latin1 = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
const printable = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) })

const method = fc.oneof(
  { weight: 4, arbitrary: fc.constant('POST') },
  fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PATCH', 'QUERY', 'PROPFIND'),
  fc.constantFrom('BREW', 'post', ''),
)

const path = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '/v1/chat/completions',
      '/v1/completions/',
      '/embeddings',
      '/v1/models',
      '/v1/models/fake',
      '/v1/models/%ff%',
      '/v1/audio/transcriptions',
      '/v1/moderations?model=fake',
      '/v1/rerank?model=%zz&model=2',
      '/healthz',
      '/metrics',
      '/llmr/v1/status',
      '/llmr/v1/route/explain',
      '/',
      '*',
      '//',
      'http://localhost/v1/models',
    ),
  },
  printable.map((text) => `/${text}`),
)

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom('content-type', 'Content-Encoding', 'expect', 'connection', 'origin', 'host', 'x-llmr-hop'),
    fc.constantFrom(
      'application/json',
      'multipart/form-data; boundary=x',
      'multipart/form-data; boundary="',
      'application/x-www-form-urlencoded',
      'gzip',
      'br',
      '100-continue',
      'close',
      'upgrade',
      'https://app.example',
      'null',
      'localhost',
      ',,,',
    ),
  ),
  fc.tuple(
    fc.constantFrom('x-correlation-id', 'authorization', 'x-llmr-task', 'x-llmr-principal', 'sec-fetch-site', 'accept'),
    latin1,
  ),
  fc.tuple(printable, printable),
)

const body = fc.oneof(
  fc.json(),
  fc
    .record(
      {
        model: fc.oneof(fc.constant('fake'), fc.string(), fc.anything()),
        stream: fc.oneof(fc.boolean(), fc.anything()),
        messages: fc.oneof(fc.anything(), fc.array(fc.record({ role: fc.string(), content: fc.anything() }))),
        tools: fc.anything(),
        input: fc.anything(),
        encoding_format: fc.anything(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value) ?? ''),
  fc.constantFrom(
    '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nfake\r\n--x--\r\n',
    '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\n',
    '--x--x--x\r\n\r\n--x',
    'model=fake&stream=true',
    'model=%',
  ),
  latin1,
)

interface FuzzedRequest {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly framing: 'length' | 'chunked' | 'none' | 'too short' | 'too long'
  /** Where its bytes are cut into packets, as parts of the whole. */
  readonly cuts: readonly number[]
  /** The client breaks off after this part of its bytes; `undefined`: it waits for the reply. */
  readonly leavesAt: number | undefined
}

const part = fc.double({ min: 0, max: 1, noNaN: true })

const fuzzedRequest: fc.Arbitrary<FuzzedRequest> = fc.record({
  method,
  path,
  headers: fc.array(header, { maxLength: 6 }),
  body,
  framing: fc.constantFrom('length', 'length', 'length', 'chunked', 'none', 'too short', 'too long'),
  cuts: fc.array(part, { maxLength: 5 }),
  leavesAt: fc.option(part, { nil: undefined, freq: 4 }),
})

function toBytes({ method: verb, path: target, headers, body: text, framing }: FuzzedRequest): Buffer {
  const content = Buffer.from(text, 'latin1')
  const { length } = content
  const framingHeader = {
    length: `content-length: ${length}\r\n`,
    chunked: 'transfer-encoding: chunked\r\n',
    none: '',
    'too short': `content-length: ${Math.max(0, length - 1)}\r\n`,
    'too long': `content-length: ${length + 1}\r\n`,
  }[framing]
  const head =
    `${verb} ${target} HTTP/1.1\r\nhost: localhost\r\n` +
    headers.map(([name, value]) => `${name}: ${value}\r\n`).join('') +
    framingHeader
  const chunks = length === 0 ? '0\r\n\r\n' : `${length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
  return Buffer.concat([
    Buffer.from(`${head}\r\n`, 'latin1'),
    Buffer.from(framing === 'chunked' ? chunks : text, 'latin1'),
  ])
}

/** Sends it, closes its side or breaks off, and gives back all that came until the gateway had closed the connection. */
async function exchangeBytes(request: FuzzedRequest): Promise<Buffer> {
  const all = toBytes(request)
  const bytes = request.leavesAt === undefined ? all : all.subarray(0, Math.floor(all.length * request.leavesAt))
  const ends = [...request.cuts.map((cut) => Math.floor(bytes.length * cut)).toSorted((a, b) => a - b), bytes.length]
  const client = await connectRaw(gateway.url)
  for (const [index, end] of ends.entries()) {
    client.send(bytes.subarray(ends[index - 1] ?? 0, end))
    await setImmediate()
  }
  if (request.leavesAt !== undefined) {
    client.cut()
    return Buffer.alloc(0)
  }
  // Whoever is not answered by now has not asked anything whole.
  client.send(
    '\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\nx-correlation-id: sentinel\r\nconnection: close\r\n\r\n',
  )
  return client.closed
}

/** Every reply in these bytes; throws at the first that is none. */
function readReplies(bytes: Buffer, firstMethod: string): HttpReply[] {
  const replies: HttpReply[] = []
  for (let rest = bytes; rest.length > 0;) {
    // What could not be parsed has no method either.
    const isParsed = rest.subarray(0, rest.indexOf('\r\n\r\n')).includes('x-request-id')
    const verb = replies.length === 0 && isParsed ? firstMethod : 'GET'
    const parsed = parseHttpReply(rest, { isClosed: true, method: verb })
    if (parsed === undefined) throw new Error(`not a reply: ${rest.toString('latin1')}`)
    expectReadable(parsed.reply, verb)
    if (parsed.reply.status >= 200) replies.push(parsed.reply)
    rest = parsed.rest
  }
  return replies
}

test('whatever is sent to the gateway, it answers in HTTP, and then serves as before', async () => {
  answer = answerWell
  const statuses = new Set<number>()
  await fc.assert(
    fc.asyncProperty(fuzzedRequest, async (request) => {
      for (const { status, isWhole } of readReplies(await exchangeBytes(request), request.method)) {
        expect(isWhole).toBe(true)
        statuses.add(status)
      }
    }),
    { numRuns: 500, timeout: 5_000 },
  )
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 404, 405]))
  await expectUnharmed()
})

interface FuzzedReply {
  readonly status: number
  readonly contentType: string | undefined
  readonly pieces: readonly string[]
  readonly end: 'end' | 'destroy' | 'declared too long'
}

const fuzzedReply: fc.Arbitrary<FuzzedReply> = fc.record({
  status: fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 })),
  contentType: fc.constantFrom(
    'application/json',
    'text/event-stream',
    'text/html',
    '',
    undefined,
    'application/json;x=\xff',
  ),
  pieces: fc.array(
    fc.oneof(
      latin1,
      fc.json(),
      fc.constantFrom(chatEvent('a'), chatEnd, ': ping\n\n', 'data: {"error":{"message":"no"}}\n\n', '\n', whole),
    ),
    { maxLength: 6 },
  ),
  end: fc.constantFrom('end', 'end', 'destroy', 'declared too long'),
})

function play({ response }: EngineRequest, { status, contentType, pieces, end }: FuzzedReply): void {
  const length = Buffer.byteLength(pieces.join(''), 'latin1')
  if (contentType !== undefined) response.setHeader('content-type', contentType)
  if (end === 'declared too long') response.setHeader('content-length', length + 10)
  response.writeHead(status)
  response.flushHeaders()
  for (const piece of pieces) response.write(Buffer.from(piece, 'latin1'))
  if (end === 'end') response.end()
  else response.destroy()
}

/** Nothing that broke passes for whole: a stream has an end or an error, anything else is what the engine sent in full. */
function isHonest({ status, headers, body, isWhole }: HttpReply, sent: FuzzedReply): boolean {
  if (!isWhole || status >= 300 || status === 204) return true
  const text = body.toString('latin1')
  return headers['content-type']?.startsWith('text/event-stream') === true
    ? /^data: ?\[DONE\]|"finish_reason": ?"|^data: ?\{"error"/m.test(text)
    : sent.end === 'end' && text === sent.pieces.join('')
}

test('whatever an engine answers, the client gets one reply, and none that broke passes for whole', async () => {
  await fc.assert(
    fc.asyncProperty(fuzzedReply, fc.boolean(), async (sent, stream) => {
      answer = (request) => play(request, sent)
      const client = await connectRaw(gateway.url)
      client.send(chatText({ model: 'fake', stream }, { connection: 'close' }))
      const replies = readReplies(await client.closed, 'POST')
      expect(replies).toHaveLength(1)
      expect(replies.every((reply) => isHonest(reply, sent))).toBe(true)
    }),
    { numRuns: 300, timeout: 5_000 },
  )
  await expectUnharmed()
})

test('wherever a client breaks off a stream, the engine learns of it and nothing is left in hand', async () => {
  const events = Array.from({ length: 20 }, (_, index) => chatEvent(`piece ${index}`))
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.nat(events.length), fc.boolean(), async (seen, isReset) => {
      const reached = Promise.withResolvers<EngineRequest>()
      answer = (request) => {
        request.response.setHeader('content-type', 'text/event-stream').flushHeaders()
        for (const event of events) request.response.write(event)
        if (seen === events.length) request.response.end(chatEnd)
        reached.resolve(request)
      }
      const client = await connectRaw(gateway.url)
      client.send(chatText({ model: 'fake', stream: true }))
      if (seen > 0) await client.until(`piece ${seen - 1}"`)
      if (isReset) client.cut()
      else client.socket.destroy()
      // Who leaves before its request is read never reaches the engine.
      if (seen > 0) outcomes.add(await (await reached.promise).outcome)
    }),
    { numRuns: 60, timeout: 5_000 },
  )
  expect(outcomes).toContain('abandoned')
  await expectUnharmed()
})

test("nesting too deep to be written again is the request's fault and not ours", async () => {
  answer = answerWell
  const deep = '['.repeat(50_000) + ']'.repeat(50_000)
  for (const field of ['tools', 'messages', 'input', 'prompt', 'metadata']) {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      body: `{"model":"fake","${field}":${deep}}`,
    })
    expect([field, response.status < 500]).toEqual([field, true])
    await response.arrayBuffer()
  }
  await expectUnharmed()
})
