import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readGatewayFile } from '../../../src/gateway/operating/gateway-file.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('a request can be explained by the id in its reply', async () => {
  const gateway = keep(await startTestGateway('models: { alias: { upstream: simulated } }'))
  const headers = { 'x-correlation-id': 'label-of-the-client' }
  const response = await postChat(gateway.url, { model: 'alias' }, { headers })
  await response.arrayBuffer()
  const reply = await fetch(`${gateway.url}/llmr/v1/requests?id=label-of-the-client`)
  expect(await reply.json()).toMatchObject({
    requests: [
      {
        requestId: response.headers.get('x-request-id'),
        requestedModel: 'alias',
        model: 'simulated',
        reason: 'named',
        timeline: [{ event: 'routed' }, { event: 'sent' }, { event: 'finished' }],
      },
    ],
  })
})

test('an explanation sends nothing', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'one' }))
  const gateway = keep(await startTestGateway(`backends: { b: { url: "${engine.url}", kind: llama.cpp } }`))
  const before = engine.requests.length
  const body = JSON.stringify({ model: 'one', messages: [] })
  const reply = await fetch(`${gateway.url}/llmr/v1/route/explain`, { method: 'POST', body })
  expect(await reply.json()).toMatchObject({
    model: 'one',
    candidates: [{ backend: 'b', model: 'one' }],
    considered: [{ verdict: 'chosen', backend: 'b' }],
  })
  expect(engine.requests.length).toBe(before)
})

test('commands on this machine find the gateway and its key, and nobody else can read them', async () => {
  const dataDirectory = join(temporaryFolder(), 'data')
  const gateway = await startTestGateway(`auth: { required: true }`, { dataDirectory })
  const file = readGatewayFile(dataDirectory)
  expect(file?.url).toBe(gateway.url)
  expect(statSync(join(dataDirectory, 'gateway.json')).mode & 0o777).toBe(0o600)
  expect(await errorOf(await fetch(`${gateway.url}/llmr/v1/status`))).toMatchObject({ code: 'unauthenticated' })
  const headers = { authorization: `Bearer ${file?.admin_key}` }
  expect((await fetch(`${gateway.url}/llmr/v1/status`, { headers })).status).toBe(200)
  await gateway.close()
  expect(existsSync(join(dataDirectory, 'gateway.json'))).toBe(false)
})

test('a reload can be asked for, and one that fails says why and changes nothing', async () => {
  let file = 'models: { alias: { upstream: simulated } }'
  const gateway = keep(await startTestGateway('', { readFile: () => file }))
  const reload = () => fetch(`${gateway.url}/llmr/v1/reload`, { method: 'POST' })
  expect((await reload()).status).toBe(200)
  file = 'modls: {}'
  const error = await errorOf(await reload())
  expect(error).toMatchObject({ status: 400, code: 'invalid_request' })
  expect(error.message).toContain('did you mean "models"')
  expect(gateway.modelNames()).toContain('alias')
})

test('a body that is no JSON is refused, and is no fault of llmr', async () => {
  const dataDirectory = temporaryFolder()
  const gateway = keep(await startTestGateway('', { dataDirectory }))
  const headers = { authorization: `Bearer ${readGatewayFile(dataDirectory)?.admin_key}` }
  for (const path of ['memory/forget', 'events/redrive', 'route/explain']) {
    const reply = await fetch(`${gateway.url}/llmr/v1/${path}`, { method: 'POST', headers, body: '{"tenant":' })
    expect([path, await errorOf(reply)]).toEqual([path, expect.objectContaining({ status: 400, code: 'invalid_json' })])
  }
})
