import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

test('healthz names version, build and instance, so that an answer can be told from another process (N1.1)', async () => {
  const one = keep(await startTestGateway(''))
  const other = keep(await startTestGateway(''))
  const answers = await Promise.all([one, other].map(async ({ url }) => (await fetch(`${url}/healthz`)).json()))
  for (const answer of answers) {
    expect(answer).toMatchObject({ status: 'ok', service: 'llmr', version: '0.0.0-test', build: 'test' })
  }
  expect(answers[0]).toMatchObject({ instance_id: one.instanceId })
  expect(answers[1]).toMatchObject({ instance_id: other.instanceId })
  expect(one.instanceId).not.toBe(other.instanceId)
})

test('an engine that is off makes the gateway unready, not dead (N1.1)', async () => {
  const engine = await startSimulatedEngine()
  await engine.close()
  const gateway = keep(await startTestGateway(`backends: { gone: { url: "${engine.url}", kind: llama.cpp } }`))
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
  const ready = await fetch(`${gateway.url}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({
    status: 'no backend is up',
    backends: { gone: { state: 'failing', cause: 'refused', reason: expect.stringContaining('start the engine') } },
  })
})

test('metrics count what was served, by names that an operator may rely on', async () => {
  const gateway = keep(await startTestGateway(''))
  const request = { model: 'simulated', messages: [{ role: 'user', content: 'hi' }] }
  const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(request) })
  await reply.arrayBuffer()
  const text = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(text).toContain(
    'llmr_requests_total{route="chat",model="simulated",backend="simulated",status_class="2xx",stream="false"} 1',
  )
  expect(text).toContain('llmr_backend_up{backend="simulated"} 1')
  expect(text).toMatch(/llmr_tokens_total\{direction="completion",model="simulated"\} [1-9]/)
})
