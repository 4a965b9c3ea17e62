import { describe, expect, test } from 'vitest'

import { postChat } from '../../support/chat.ts'
import { beginStream, chatEvent, type EngineRequest, startFakeEngine } from '../../support/fake-engine.ts'
import { chatText, connectRaw, type RawClient, requestText } from '../../support/raw-client.ts'
import { inflightRequests, startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

function startGateway(engineUrl: string, yaml = ''): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engineUrl}", kind: openai } }
    ${yaml}
  `)
}

interface Phase {
  readonly name: string
  readonly isStream: boolean
  /** What the engine has done when the client leaves. */
  readonly answer: (request: EngineRequest) => unknown
  /** What the client has seen by then. */
  readonly seen?: string
  readonly yaml?: string
}

const phases: readonly Phase[] = [
  { name: 'before the first byte of a stream', isStream: true, answer: () => undefined },
  { name: 'before the first byte of a whole reply', isStream: false, answer: () => undefined },
  {
    name: 'while a silent stream is kept alive',
    isStream: true,
    answer: () => undefined,
    seen: ': keep-alive',
    yaml: 'dialects: { keep_alive: { interval: 10ms } }',
  },
  {
    name: 'in the middle of a stream',
    isStream: true,
    answer: ({ response }) => {
      beginStream(response)
      response.write(chatEvent('first'))
    },
    seen: 'first',
  },
  {
    name: 'in the middle of a whole reply',
    isStream: false,
    answer: ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"object":')
    },
  },
  {
    name: 'in the middle of a reply that is passed on as it comes',
    isStream: false,
    answer: ({ response }) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      response.write('half a song')
    },
    seen: 'half a song',
  },
]

/** A killed program's connections are reset, or closed in order; nobody tells which. */
const ways = { reset: (client: RawClient) => client.cut(), close: (client: RawClient) => client.socket.end() }

describe.each(Object.keys(ways) as (keyof typeof ways)[])('a client that leaves by a %s', (way) => {
  test.each(phases)('$name ends the work of the engine (R3)', async (phase) => {
    await using engine = await startFakeEngine(phase.answer)
    await using gateway = await startGateway(engine.url, phase.yaml)
    const client = await connectRaw(gateway.url)
    client.send(chatText({ model: 'fake', stream: phase.isStream }))
    const { outcome } = await engine.asked
    if (phase.seen !== undefined) await client.until(phase.seen)
    ways[way](client)
    expect(await outcome).toBe('abandoned')
    await expectNobodyBlamed(gateway)
    expect(engine.requests).toHaveLength(1)
  })
})

/** The request is over and counted as left, and the backend is as good as before. */
async function expectNobodyBlamed(gateway: TestGateway): Promise<void> {
  await gateway.logged(({ msg, client_gone }) => msg === 'request' && client_gone === true)
  expect(gateway.log.filter(({ msg }) => msg === 'a backend did not serve a request')).toEqual([])
  const [standing] = gateway.fleet.all.map((backend) => backend.standing())
  expect(standing).toMatchObject({ status: 'healthy', inflight: 0, breakers: [] })
  expect(await inflightRequests(gateway)).toBe(0)
}

test("a client that leaves while it waits for a place is never sent, and takes nobody's place", async () => {
  let release: (() => void) | undefined
  await using engine = await startFakeEngine(({ response, body }) => {
    const answer = () => response.setHeader('content-type', 'application/json').end('{"object":"chat.completion"}')
    if (body.includes('first')) release = answer
    else answer()
  })
  await using gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { fake: { url: "${engine.url}", kind: openai, max_concurrent: 1 } }
  `)
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => connectRaw(gateway.url)))
  first!.send(chatText({ model: 'fake', user: 'first' }))
  await engine.asked
  second!.send(chatText({ model: 'fake', user: 'second' }))
  const waiting = () => gateway.fleet.get('fake')?.standing().waiting
  await expect.poll(waiting).toBe(1)
  third!.send(chatText({ model: 'fake', user: 'third' }))
  await expect.poll(waiting).toBe(2)
  second!.cut()
  await expect.poll(waiting).toBe(1)
  release?.()
  expect((await first!.reply()).status).toBe(200)
  expect((await third!.reply()).status).toBe(200)
  expect(engine.requests.map(({ body }) => JSON.parse(body.toString()).user)).toEqual(['first', 'third'])
  await expectNobodyBlamed(gateway)
})

test('a client that leaves while it sends its body leaves nothing behind', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url)
  const client = await connectRaw(gateway.url)
  client.send(requestText({ path: '/v1/chat/completions', headers: { 'content-length': '1000' }, body: '{"model":' }))
  await expect.poll(() => inflightRequests(gateway)).toBe(1)
  client.cut()
  await expectNobodyBlamed(gateway)
  expect(engine.requests).toEqual([])
})

test('a client that leaves while its text is judged ends the work of the guard', async () => {
  await using engine = await startFakeEngine(() => undefined)
  await using gateway = await startGateway(engine.url, 'models: { fake: { moderates_by: chat } }')
  const client = await connectRaw(gateway.url)
  client.send(requestText({ path: '/v1/moderations', body: '{"model":"fake","input":["one","two"]}' }))
  const { outcome } = await engine.asked
  client.cut()
  expect(await outcome).toBe('abandoned')
  await expectNobodyBlamed(gateway)
  expect(gateway.log.filter(({ level }) => level === 'error')).toEqual([])
  expect(engine.requests).toHaveLength(1)
})

test('a request that fails by a fault of llmr gives its place back', async () => {
  await using engine = await startFakeEngine(({ response }) =>
    response.setHeader('content-type', 'application/json').end('{}'),
  )
  await using gateway = await startTestGateway(`
    backends: { fake: { url: "${engine.url}", kind: openai, max_concurrent: 1 } }
  `)
  const backend = gateway.fleet.get('fake')!
  const { connection } = backend
  Object.defineProperty(backend, 'connection', { value: undefined, configurable: true })
  expect((await postChat(gateway.url, { model: 'fake' })).status).toBe(500)
  Object.defineProperty(backend, 'connection', { value: connection })
  expect((await postChat(gateway.url, { model: 'fake' })).status).toBe(200)
  expect(backend.standing()).toMatchObject({ inflight: 0, waiting: 0 })
})
