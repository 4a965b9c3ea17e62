import { expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { DefaultBackends } from '../../../src/gateway/fleet/default-backends.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

test('an engine on a usual port is used as it is', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'found' }))
  const defaults = keep(new DefaultBackends({ logger: silentLogger, ownPort: 1, ports: [engine.port] }))
  expect(await defaults.find()).toMatchObject([{ url: engine.url, kind: 'llama.cpp', trust: 'local' }])
  expect(defaults.isSimulated).toBe(false)
})

test('with none the simulated engine stands in, and its name and replies say so', async () => {
  const gateway = keep(await startTestGateway(''))
  expect(gateway.isSimulated()).toBe(true)
  expect(gateway.modelNames()).toEqual(['simulated'])
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] })
  const reply = await (await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body })).text()
  expect(reply).toContain('Simulated reply')
})

test('an engine that is started later is found, and the simulated one leaves', async () => {
  const engine = await startSimulatedEngine({ model: 'late' })
  const { port } = engine
  await engine.close()
  const defaults = keep(new DefaultBackends({ logger: silentLogger, ownPort: 1, ports: [port], lookAgainAfterMs: 20 }))
  expect(await defaults.find()).toMatchObject([{ name: 'simulated' }])
  const found = new Promise((resolve) => {
    defaults.watch(async (backends) => resolve(backends))
  })
  keep(await startSimulatedEngine({ model: 'late', port }))
  expect(await found).toMatchObject([{ kind: 'llama.cpp' }])
})
