import { expect, test } from 'vitest'

import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

async function startFleet(
  yaml: string,
  engines: readonly NonNullable<Parameters<typeof startSimulatedEngine>[0]>[],
): Promise<{ gateway: TestGateway; engines: readonly SimulatedEngine[] }> {
  const started = await Promise.all(engines.map(async (options) => keep(await startSimulatedEngine(options))))
  const backends = started.map(({ url }, index) => `  b${index}: { url: "${url}", kind: llama.cpp }`)
  return { gateway: keep(await startTestGateway(`backends:\n${backends.join('\n')}\n${yaml}`)), engines: started }
}

async function servedBy(gateway: TestGateway, headers: Record<string, string> = {}): Promise<string> {
  const response = await postChat(gateway.url, {}, { headers })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
  return response.headers.get('x-llmr-backend') ?? ''
}

test('round robin gives every healthy worker its turn (N5.3)', async () => {
  const { gateway } = await startFleet('resilience: { policy: round-robin }', [{}, {}, {}])
  const served = []
  for (let request = 0; request < 6; request++) served.push(await servedBy(gateway))
  expect(served).toEqual(['b0', 'b1', 'b2', 'b0', 'b1', 'b2'])
})

test('weights by VRAM decide the share of each worker (N5.3)', async () => {
  const [small, large] = await Promise.all([startSimulatedEngine(), startSimulatedEngine()])
  keep(small)
  keep(large)
  const gateway = keep(
    await startTestGateway(`
backends:
  small: { url: "${small.url}", kind: llama.cpp, vram: 1GiB }
  large: { url: "${large.url}", kind: llama.cpp, vram: 999GiB }
resilience: { policy: weighted }
`),
  )
  // One after the other: when all slots of the large one are taken, the small one is right.
  const served: string[] = []
  for (let count = 0; count < 20; count += 1) served.push(await servedBy(gateway))
  expect(served.filter((backend) => backend === 'large').length).toBeGreaterThan(15)
})

test('fifty concurrent requests all get their reply (N5.4)', async () => {
  const { gateway } = await startFleet('', [{ slots: 2 }, { slots: 2 }])
  const served = await Promise.all(Array.from({ length: 50 }, () => servedBy(gateway)))
  expect(new Set(served)).toEqual(new Set(['b0', 'b1']))
})

test('a worker that fell silent is taken out, and comes back by its checks (N5.2)', async () => {
  const health = 'health: { interval: 60s, failing_interval: 50ms }'
  const { gateway, engines } = await startFleet(`resilience: { policy: ordered, ${health} }`, [{}, {}])
  await engines[0]!.control.addFault({ type: 'refuse' })
  expect(await servedBy(gateway)).toBe('b1')
  await gateway.logged(({ msg, backend, status }) => isChange(msg) && backend === 'b0' && status === 'failing')
  await engines[0]!.control.clearFaults()
  await gateway.logged(
    ({ msg, backend, status, was }) => isChange(msg) && backend === 'b0' && status === 'healthy' && was === 'failing',
  )
  expect(await servedBy(gateway)).toBe('b0')
})

test('a worker that is slow rather than dead loses its traffic too (N5.5)', async () => {
  const breaker = 'breaker: { failures: 2, open_for: 60s, slow_first_byte: 100ms }'
  const { gateway, engines } = await startFleet(`resilience: { policy: ordered, ${breaker} }`, [{}, {}])
  await engines[0]!.control.addFault({ type: 'slow-first-token', delayMs: 150, times: 2 })
  expect([await servedBy(gateway), await servedBy(gateway), await servedBy(gateway)]).toEqual(['b0', 'b0', 'b1'])
})

test('a full preferred backend leaves the request to the next (N1.12)', async () => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const script = () => ({ content: ['a', 'b'], beforePiece: (index: number) => (index === 1 ? hold : undefined) })
  const { gateway } = await startFleet('resilience: { policy: ordered }', [{ slots: 1, script }, {}])
  const busy = await postChat(gateway.url, { stream: true })
  expect(busy.headers.get('x-llmr-backend')).toBe('b0')
  expect(await servedBy(gateway)).toBe('b1')
  release()
  await busy.text()
})

test('a conversation stays where its prompt is cached', async () => {
  const { gateway } = await startFleet('resilience: { policy: affinity }', [{}, {}, {}])
  for (const conversation of ['a', 'b', 'c', 'd']) {
    const headers = { 'x-llmr-conversation': conversation }
    const first = await servedBy(gateway, headers)
    for (let turn = 0; turn < 3; turn++) expect(await servedBy(gateway, headers)).toBe(first)
  }
})

test('max_concurrent holds: what is too much waits its turn, and every waiter is served', async () => {
  const engine = keep(await startSimulatedEngine({ slots: 8 }))
  let inside = 0
  let most = 0
  const gateway = keep(
    await startTestGateway(`backends: { b: { url: "${engine.url}", kind: llama.cpp, max_concurrent: 2 } }`),
  )
  const backend = gateway.fleet.get('b')!
  const { replied, served } = { replied: backend.replied.bind(backend), served: backend.served.bind(backend) }
  backend.replied = (...parts) => {
    most = Math.max(most, ++inside)
    replied(...parts)
  }
  backend.served = (...parts) => {
    inside--
    served(...parts)
  }
  const replies = await Promise.all(Array.from({ length: 12 }, () => servedBy(gateway)))
  expect(replies).toHaveLength(12)
  expect(most).toBeLessThanOrEqual(2)
})

function isChange(message: unknown): boolean {
  return message === 'a backend changed its status'
}
