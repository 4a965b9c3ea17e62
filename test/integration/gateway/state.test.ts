import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { errorOf, postChat } from '../../support/chat.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { openStateStream, residenceIn } from '../../support/state-stream.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('a listener is told of a load from its wish to its end, without asking', async () => {
  const residency = residencyOf([simulatedModel('a'), simulatedModel('b')], 1)
  const gateway = keep(await startTestGateway('', { residency, dataDirectory: temporaryFolder() }))
  const stream = keep(await openStateStream(gateway.url))
  await stream.until((state) => residenceIn(state, 'a') === 'unloaded')
  await (await postChat(gateway.url, { model: 'a', max_tokens: 2 })).arrayBuffer()
  await (await postChat(gateway.url, { model: 'b', max_tokens: 2 })).arrayBuffer()
  const after = await stream.until((state) => residenceIn(state, 'b') === 'loaded')
  expect(residenceIn(after, 'a')).toBe('unloaded')
  expect(after.pools).toEqual([{ name: 'vram', sizeBytes: 1, usedBytes: 1 }])
  const told = stream.events.flatMap((event) =>
    event.type === 'delta' ? event.models.filter(({ id }) => id === 'a').map(({ residence }) => residence) : [],
  )
  expect(new Set(told)).toEqual(new Set(['loading', 'loaded', 'unloading', 'unloaded']))
})

test('the health of a backend and what it has in hand are told as they change', async () => {
  const engine = keep(await startSimulatedEngine({ model: 'm' }))
  const gateway = keep(await startTestGateway(`backends: { gpu: { url: "${engine.url}", kind: llama.cpp } }`))
  const stream = keep(await openStateStream(gateway.url))
  await stream.until(({ backends }) => backends[0]?.status === 'healthy')
  await engine.close()
  await (await postChat(gateway.url, { model: 'm' })).arrayBuffer()
  await stream.until(({ backends }) => backends[0]?.status === 'failing')
})

test('a shutdown does not wait for listeners: their streams end in good order', async () => {
  const gateway = await startTestGateway('')
  const stream = keep(await openStateStream(gateway.url))
  await stream.until(() => true)
  await gateway.close()
  await stream.ended
})

test('more listeners than there may be are refused, and one that leaves makes room', async () => {
  const gateway = keep(await startTestGateway(''))
  const streams = await Promise.all(Array.from({ length: 64 }, () => openStateStream(gateway.url)))
  for (const stream of streams) keep(stream)
  const refused = await errorOf(await fetch(`${gateway.url}/llmr/v1/state`))
  expect(refused).toMatchObject({ status: 429, code: 'queue_full' })
  await streams[0]?.close()
  await gateway.logged(
    ({ msg, route, client_gone: isGone }) => msg === 'request' && route === 'state' && isGone === true,
  )
  const next = keep(await openStateStream(gateway.url))
  expect(next.response.status).toBe(200)
})

test('a key that may chat sees its own place in the queue, and not the state of the house', async () => {
  const sha = '81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9' // of "bob"
  const residency = residencyOf([simulatedModel('a', { args: ['--time-scale', '1', '--load-time', '15m'] })], 1)
  const yaml = `auth: { keys: [{ name: bob, sha256: "${sha}" }] }`
  const gateway = keep(await startTestGateway(yaml, { residency, dataDirectory: temporaryFolder() }))
  const headers = { authorization: 'Bearer bob' }
  expect((await errorOf(await fetch(`${gateway.url}/llmr/v1/state`, { headers }))).code).toBe('forbidden')
  const client = new AbortController()
  const waiting = postChat(gateway.url, { model: 'a' }, { headers, signal: client.signal })
  await gateway.logged(({ msg }) => msg === 'a model is loaded')
  const { queue } = (await (await fetch(`${gateway.url}/llmr/v1/queue`, { headers })).json()) as { queue: unknown[] }
  expect(queue).toMatchObject([{ model: 'a', principal: 'bob', position: 1, lane: 'interactive' }])
  client.abort()
  await expect(waiting).rejects.toThrow()
})
