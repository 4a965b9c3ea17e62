import { afterEach, expect } from 'vitest'

import type { Fault } from '../../../src/sim/fault.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, eventsOf, postChat } from '../../support/chat.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { failureRow } from './failure-row.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  // Gateways first: they hold connections to the engines.
  for (const one of running.splice(0).reverse()) await one.close()
})

async function startEngine(options: Parameters<typeof startSimulatedEngine>[0] = {}): Promise<SimulatedEngine> {
  const engine = await startSimulatedEngine(options)
  running.push(engine)
  return engine
}

interface Fleet {
  readonly gateway: TestGateway
  readonly first: SimulatedEngine
  readonly second: SimulatedEngine
}

/** A gateway whose model has a first backend and, unless `isAlone`, a second. */
async function startFleet(
  options: { fault?: Fault; isAlone?: boolean; yaml?: string; first?: Parameters<typeof startSimulatedEngine>[0] } = {},
): Promise<Fleet> {
  const { fault, isAlone = false, yaml = '', first: firstOptions } = options
  const [first, second] = await Promise.all([startEngine(firstOptions), startEngine()])
  const gateway = await startTestGateway(`
backends:
  first: { url: "${first.url}", kind: llama.cpp }
${isAlone ? '' : `  second: { url: "${second.url}", kind: llama.cpp }`}
resilience: { policy: ordered, first_byte_timeout: 500ms, idle_timeout: 500ms, connect_timeout: 500ms, breaker: { failures: 3, open_for: 10s } }
${yaml}`)
  running.push(gateway)
  if (fault !== undefined) await first.control.addFault(fault)
  return { gateway, first, second }
}

function hopLogged({ gateway }: Fleet, cause: string): Promise<unknown> {
  return gateway.logged(({ msg, cause: logged }) => msg === 'a backend did not serve a request' && logged === cause)
}

async function expectServedBySecond(fleet: Fleet, cause: string): Promise<void> {
  const response = await postChat(fleet.gateway.url)
  expect(response.status).toBe(200)
  expect(response.headers.get('x-llmr-backend')).toBe('second')
  await response.arrayBuffer()
  await hopLogged(fleet, cause)
}

function chatsOf(engine: SimulatedEngine): readonly unknown[] {
  return engine.requests.filter(({ path }) => path === '/v1/chat/completions')
}

failureRow('backend refuses the connection', async () => {
  await expectServedBySecond(await startFleet({ fault: { type: 'refuse' } }), 'refused')
  const alone = await startFleet({ fault: { type: 'refuse' }, isAlone: true })
  const error = await errorOf(await postChat(alone.gateway.url))
  expect(error).toMatchObject({ status: 502, code: 'backend_unreachable' })
  expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(0)
})

failureRow('every backend is down', async () => {
  const fleet = await startFleet({ fault: { type: 'refuse' } })
  await fleet.second.control.addFault({ type: 'refuse' })
  const error = await errorOf(await postChat(fleet.gateway.url))
  expect(error).toMatchObject({ status: 503, code: 'no_backend_available' })
  expect(error.message).toContain('first refused the connection')
  expect(error.message).toContain('second refused the connection')
  expect(Number(error.headers.get('retry-after'))).toBeLessThanOrEqual(30)
})

failureRow('backend answers 5xx', async () => {
  await expectServedBySecond(await startFleet({ fault: { type: 'status', status: 500 } }), 'server_error')
  const alone = await startFleet({ fault: { type: 'status', status: 500 }, isAlone: true })
  expect(await errorOf(await postChat(alone.gateway.url))).toMatchObject({ status: 502, code: 'backend_failed' })
})

const loading: Fault = {
  type: 'status',
  status: 503,
  body: { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
}

failureRow('backend is loading its model', async () => {
  await expectServedBySecond(await startFleet({ fault: loading }), 'loading')
  const alone = await startFleet({ fault: loading, isAlone: true })
  for (let request = 0; request < 5; request++) {
    const error = await errorOf(await postChat(alone.gateway.url))
    expect(error).toMatchObject({ status: 503, code: 'no_backend_available' })
    expect(error.headers.has('retry-after')).toBe(true)
  }
  await alone.first.control.clearFaults()
  expect((await postChat(alone.gateway.url)).status).toBe(200)
})

failureRow('backend is full', async () => {
  const full: Fault = { type: 'status', status: 429, retryAfterSeconds: 7 }
  await expectServedBySecond(await startFleet({ fault: full }), 'busy')
  const alone = await startFleet({ fault: full, isAlone: true })
  const error = await errorOf(await postChat(alone.gateway.url))
  expect(error).toMatchObject({ status: 503, code: 'no_backend_available' })
  expect(error.headers.get('retry-after')).toBe('7')
})

failureRow("backend does not accept llmr's key", async () => {
  await expectServedBySecond(await startFleet({ fault: { type: 'status', status: 401 } }), 'unauthorized')
  const alone = await startFleet({ fault: { type: 'status', status: 401 }, isAlone: true })
  expect(await errorOf(await postChat(alone.gateway.url))).toMatchObject({ status: 502, code: 'backend_failed' })
})

failureRow('backend rejects the request', async () => {
  const body = { error: { code: 422, message: 'the tool schema is not to my taste', type: 'invalid_request_error' } }
  const fleet = await startFleet({ fault: { type: 'status', status: 422, body } })
  const error = await errorOf(await postChat(fleet.gateway.url))
  expect(error).toMatchObject({ status: 422, code: 'backend_rejected', message: 'the tool schema is not to my taste' })
  expect(error.headers.get('x-should-retry')).toBe('false')
  expect(chatsOf(fleet.second)).toEqual([])
})

failureRow('prompt is longer than the context', async () => {
  const alone = await startFleet({ isAlone: true, first: { contextLength: 64 } })
  const words =
    /^This model's maximum context length is 64 tokens\. However, your prompt contains \d+ input tokens\. Please reduce/
  // Clearly too long is seen by llmr, a little too long by the engine; the client hears the same.
  for (const count of [45, 200]) {
    const messages = [{ role: 'user', content: 'word '.repeat(count) }]
    const error = await errorOf(await postChat(alone.gateway.url, { messages }))
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' })
    expect(error.message).toMatch(words)
    expect(error.headers.get('x-should-retry')).toBe('false')
  }
  expect(chatsOf(alone.first)).toHaveLength(1)
})

failureRow('backend says nothing for too long', async () => {
  await expectServedBySecond(await startFleet({ fault: { type: 'hang' } }), 'slow_first_byte')
  const alone = await startFleet({ fault: { type: 'hang' }, isAlone: true })
  expect(await errorOf(await postChat(alone.gateway.url))).toMatchObject({ status: 504, code: 'backend_timeout' })
})

failureRow('backend dies before it replies', async () => {
  const fault: Fault = { type: 'die-mid-stream', afterChunks: 0 }
  await expectServedBySecond(await startFleet({ fault }), 'died_before_reply')
  const alone = await startFleet({ fault, isAlone: true })
  expect(await errorOf(await postChat(alone.gateway.url))).toMatchObject({ status: 502, code: 'backend_failed' })
})

async function expectBrokenStream(fault: Fault, code: string, cause: string): Promise<void> {
  const fleet = await startFleet({ fault })
  const response = await postChat(fleet.gateway.url, { stream: true })
  expect(response.status).toBe(200)
  const events = await eventsOf(response)
  expect(events.length).toBeGreaterThan(1)
  expect(events.at(-1)).toMatchObject({ error: { code } })
  expect(events).not.toContain('[DONE]')
  expect(JSON.stringify(events)).not.toMatch(/"finish_reason":"/)
  await hopLogged(fleet, cause)
}

failureRow('backend dies in the middle of a stream', () =>
  expectBrokenStream({ type: 'die-mid-stream', afterChunks: 3 }, 'backend_stream_died', 'died_mid_stream'),
)

failureRow('stream ends without its end marker', () =>
  expectBrokenStream({ type: 'half-close', afterChunks: 3 }, 'backend_stream_died', 'died_mid_stream'),
)

failureRow('backend falls silent in the middle of a stream', async () => {
  const never = new Promise<void>(() => undefined)
  const beforePiece = (index: number) => (index < 3 ? undefined : never)
  const fleet = await startFleet({ first: { script: () => ({ content: ['a', 'b', 'c', 'd'], beforePiece }) } })
  const events = await eventsOf(await postChat(fleet.gateway.url, { stream: true }))
  expect(events.at(-1)).toMatchObject({ error: { code: 'backend_timeout' } })
  expect(events).not.toContain('[DONE]')
  await hopLogged(fleet, 'idle')
})

failureRow('reply that is no stream breaks off', async () => {
  for (const type of ['die-mid-stream', 'half-close'] as const) {
    const fault: Fault = { type, afterChunks: 1 }
    await expectServedBySecond(await startFleet({ fault }), 'died_before_reply')
    const alone = await startFleet({ fault, isAlone: true })
    expect(await errorOf(await postChat(alone.gateway.url))).toMatchObject({ status: 502, code: 'backend_failed' })
  }
})

failureRow('stream opened early and the backend fails', async () => {
  const yaml = 'dialects: { keep_alive: { interval: 50ms } }'
  const alone = await startFleet({ fault: { type: 'hang' }, isAlone: true, yaml })
  const response = await postChat(alone.gateway.url, { stream: true })
  expect(response.status).toBe(200)
  const text = await response.text()
  expect(text).toMatch(/^: keep-alive\n\n/)
  expect(text).toMatch(/data: \{"error":\{.*"code":"backend_timeout"\}\}\n\n$/)
})

failureRow('breaker is open', async () => {
  const alone = await startFleet({ fault: { type: 'status', status: 500 }, isAlone: true })
  for (let request = 0; request < 3; request++) await (await postChat(alone.gateway.url)).arrayBuffer()
  const asked = chatsOf(alone.first).length
  const error = await errorOf(await postChat(alone.gateway.url))
  expect(error).toMatchObject({ status: 503, code: 'no_backend_available' })
  expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(chatsOf(alone.first)).toHaveLength(asked)
  await alone.gateway.logged(({ msg, phase }) => msg === 'a circuit breaker changed' && phase === 'open')
})

failureRow('fallback model serves', async () => {
  const spare = await startEngine({ model: 'spare' })
  const first = await startEngine()
  const gateway = await startTestGateway(`
backends:
  first: { url: "${first.url}", kind: llama.cpp }
  spare: { url: "${spare.url}", kind: llama.cpp }
models: { simulated: { fallbacks: [spare] } }
`)
  running.push(gateway)
  await first.control.addFault({ type: 'status', status: 500 })
  const response = await postChat(gateway.url)
  expect(response.status).toBe(200)
  expect(response.headers.get('x-llmr-model')).toBe('spare')
  expect(response.headers.get('x-llmr-route')).toMatch(/^fallback/)
})

failureRow('two gateways name each other', async () => {
  const { gateway } = await startFleet({ isAlone: true })
  const response = await postChat(gateway.url, {}, { headers: { 'x-llmr-hop': `other, ${gateway.instanceId}` } })
  expect(await errorOf(response)).toMatchObject({ status: 508, code: 'hop_loop' })
})
