import { afterEach, expect } from 'vitest'

import { at, parseForeignJson } from '../../../src/core/foreign-json.ts'
import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import type { Store } from '../../../src/store/open-store.ts'
import type { StoredResponses } from '../../../src/store/stored-responses.ts'
import { StoreError } from '../../../src/store/store-error.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { errorOf } from '../../support/chat.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { failureRow } from './failure-row.ts'

const running: { close(): Promise<unknown> | void }[] = []

afterEach(async () => {
  for (const one of running.splice(0).reverse()) await one.close()
})

async function start(open: () => Promise<Store>): Promise<TestGateway> {
  const engine = await startSimulatedEngine()
  const yaml = `backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`
  const gateway = await startTestGateway(yaml, { openStore: open })
  running.push(engine, gateway)
  return gateway
}

function ask({ url }: TestGateway, fields: object): Promise<Response> {
  return fetch(`${url}/v1/responses`, { method: 'POST', body: JSON.stringify({ input: 'Hi', ...fields }) })
}

const down = () => Promise.reject<Store>(new StoreError('database_unreachable', 'Nobody answers there.'))

failureRow('reply cannot be kept', async () => {
  const hanging = Promise.withResolvers<Store>()
  for (const open of [down, () => hanging.promise]) {
    const gateway = await start(open)
    const whole: unknown = await (await ask(gateway, {})).json()
    expect(whole).toMatchObject({ status: 'completed', store: false })
    const { response, ending } = readResponseStream(await (await ask(gateway, { stream: true })).text())
    expect({ ending, store: at(response, 'store') }).toEqual({ ending: 'completed', store: false })
    if (open === down) await gateway.logged(({ msg }) => msg === 'the store does not answer; requests go on without it')
  }
  hanging.reject(new StoreError('store_closed', 'The test is over.'))
})

failureRow('response to go on from cannot be read', async () => {
  const error = await errorOf(await ask(await start(down), { previous_response_id: 'resp_1' }))
  expect(error).toMatchObject({ status: 503, code: 'store_unavailable' })
  expect(error.headers.get('retry-after')).toBe('5')
})

failureRow('response to go on from is gone', async () => {
  const responses: Partial<StoredResponses> = {
    getAll: () => Promise.resolve([]),
    chain: ({ id }) => Promise.resolve({ type: 'missing', id }),
  }
  const gateway = await start(() => Promise.resolve(fakeStore({ responses: responses as StoredResponses })))
  const error = await errorOf(await ask(gateway, { previous_response_id: 'resp_gone' }))
  expect(error).toMatchObject({
    status: 404,
    code: 'response_not_found',
    message: expect.stringContaining('resp_gone'),
  })
  expect(error.headers.get('x-should-retry')).toBe('false')
})

failureRow('something that llmr has not is asked of a response', async () => {
  const gateway = await start(down)
  for (const fields of [{ background: true }, { conversation: 'conv_1' }]) {
    const response = await ask(gateway, fields)
    expect(response.status).toBe(400)
    expect(parseForeignJson(await response.text())).toMatchObject({ error: { param: Object.keys(fields)[0] } })
  }
})
