import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'

const keep = closeAfterEach()

test('another llmr is a backend: its models are listed, and it learns where a request has been', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'deep' }))
  const inner = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const outer = keep(await startTestGateway(`backends: { inner: { url: "${inner.url}" } }`))
  expect(outer.modelNames()).toEqual(['deep'])
  expect(outer.fleet.get('inner')?.description?.kind).toBe('llmr')
  const response = await postChat(outer.url, { model: 'deep' })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
  expect(response.headers.get('x-llmr-backend')).toBe('inner')
  const [seen] = engine.requests.filter(({ path }) => path === '/v1/chat/completions')
  expect(seen?.headers['x-llmr-hop']).toBeUndefined()
  expect(seen?.headers['x-correlation-id']).toBe(response.headers.get('x-correlation-id'))
})

test('what llama-server alone has is reached through another llmr, too', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'deep' }))
  const inner = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const outer = keep(await startTestGateway(`backends: { inner: { url: "${inner.url}" } }`))
  const post = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(outer.url + path, { method: 'POST', body: JSON.stringify({ model: 'deep', ...body }) })
    return response.json()
  }
  expect(await post('/tokenize', { content: 'one two' })).toEqual({ tokens: expect.any(Array) })
  expect(await post('/completion', { prompt: 'Once', n_predict: 3 })).toMatchObject({ stop: true })
  const gap = { prompt: 'a(', suffix: ')', stream: false, options: { num_predict: 3 } }
  expect(await post('/api/generate', gap)).toMatchObject({ response: expect.stringMatching(/./), done: true })
  expect(engine.requests.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/tokenize', '/completion', '/infill']),
  )
})

test('two gateways that name each other refuse to send a request in circles', async () => {
  const one = keep(await startTestGateway(''))
  const other = keep(await startTestGateway(`backends: { one: { url: "${one.url}", models: [loop] } }`))
  await one.reconfigure(`backends: { other: { url: "${other.url}", models: [loop] } }`)
  const error = await errorOf(await postChat(one.url, { model: 'loop' }))
  expect(error.message).toContain('two gateways name each other')
})
