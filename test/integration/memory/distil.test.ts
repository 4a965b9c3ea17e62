import { expect, test } from 'vitest'

import { embedderOf } from '../../../src/gateway/configure/embedder-of.ts'
import { classifyRequest } from '../../../src/routing/classify-request.ts'
import { chatEnd, chatEvent, startFakeEngine, streamPieces } from '../../support/fake-engine.ts'
import { rememberingGateway, say } from '../../support/remembering-gateway.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { workerConfig } from '../../support/worker-config.ts'

const keep = closeAfterEach()

test('without a server of its own the gateway asks itself, and what it asks for memory is nobody’s conversation', async () => {
  const memory = 'embeddings: {model: simulated, dimensions: 768}, summaries: {model: simulated, above: 500}'
  const { gateway, store, done } = await rememberingGateway(memory)
  keep(gateway)
  const words = 'boat '.repeat(200)
  const conversation = { 'x-llmr-conversation': 'c' }
  const ids: string[] = []
  for (let n = 0; n < 5; n += 1) {
    const id = await say(gateway, `${n} ${words}`, conversation)
    ids.push(id)
    await done('persist', id)
  }
  const last = ids.at(-1) ?? ''
  await done('embed', last)
  await done('summarise', last)
  expect(await store.embeddings.missing(ids, { model: 'simulated', dimensions: 768 })).toEqual([])
  const path = await store.summaries.path(last)
  expect(path).toHaveLength(5)
  expect((await store.summaries.kept(path.map(({ reply }) => reply))).length).toBeGreaterThan(0)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toMatch(/llmr_embedding_cache_total{kind="round",result="miss"} [1-9]/)
  expect(metrics).toMatch(/llmr_summaries_written_total [1-9]/)
  const asked = gateway.log.filter(({ msg, principal }) => msg === 'request' && principal === 'llmr-commands')
  expect(new Set(asked.map(({ operation }) => operation))).toEqual(new Set(['embedding', 'chat']))
  const summed = asked.filter(({ operation }) => operation === 'chat')
  expect(new Set(summed.map(({ kind }) => kind))).toEqual(new Set(['background']))
  const own = asked.map(({ request_id: id }) => String(id))
  expect(await store.turns.known(own)).toEqual(new Set())
})

test('what workers ask of the gateway waits behind everybody, and what a request waits for does not', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data: [{ index: 0, embedding: [1, 0] }] }))
  })
  const config = workerConfig('memory: {keep: on, embeddings: {model: fake, dimensions: 2}}')
  const wanted = config.memory.embeddings
  if (wanted === undefined) throw new Error('expected the section')
  const ownGateway = () => ({ url: engine.url, key: undefined })
  for (const isAwaited of [undefined, true]) {
    const embedder = embedderOf(wanted, { config, ownGateway, isAwaited })
    await embedder.embed(['Asked.'])
    await embedder.close()
  }
  const lanes = engine.requests.map(({ headers }) => {
    const taskHeader = headers['x-llmr-task']?.toString()
    return classifyRequest({ operation: 'embedding', taskHeader }).isOnCriticalPath
  })
  expect(lanes).toEqual([false, true])
})

test('a gateway that ends does not wait for a summary that it asks of itself', async () => {
  const asked = Promise.withResolvers<void>()
  await using engine = await startFakeEngine((request) => {
    if (request.body.includes('<conversation>')) asked.resolve()
    else streamPieces(request, [chatEvent('Yes.'), chatEnd])
  })
  const { gateway, done } = await rememberingGateway(
    'summaries: {model: fake, above: 500}',
    `backends: {box: {url: '${engine.url}', kind: openai}}\nmodels: {simulated: {upstream: fake}}`,
  )
  const conversation = { 'x-llmr-conversation': 'c' }
  for (let n = 0; n < 4; n += 1) await done('persist', await say(gateway, `${n} ${'boat '.repeat(200)}`, conversation))
  await asked.promise
  // Its bound for replies in flight is longer than this test may take.
  await gateway.close()
  expect(engine.requests.filter(({ body }) => body.includes('<conversation>'))).toHaveLength(1)
})
