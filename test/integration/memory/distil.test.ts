import { expect, test } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import type { WorkerDefinition } from '../../../src/core/worker-definition.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { workerSet } from '../../../workers/worker-set.ts'
import { postChat } from '../../support/chat.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { fakeDimensions, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { openTestStore, pgliteAt } from '../store/places.ts'

const keep = closeAfterEach()

interface Remembering {
  readonly gateway: TestGateway
  readonly store: Store
  /** Resolves when that worker has done this request's event. */
  readonly done: (worker: string, requestId: string) => Promise<void>
}

/** A gateway with the embedded database that runs its workers itself. */
async function remembering(memory: string): Promise<Remembering> {
  const yaml = `memory: {keep: on, ${memory}}`
  const dataDirectory = await emptyPglite()
  const store = await openTestStore(pgliteAt(dataDirectory))
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const promised = (worker: string, requestId: string): PromiseWithResolvers<void> => {
    const key = `${worker} ${requestId}`
    const found = waiting.get(key) ?? Promise.withResolvers<void>()
    waiting.set(key, found)
    return found
  }
  const telling = (definition: WorkerDefinition): WorkerDefinition => ({
    ...definition,
    work: async (events: readonly BusEvent[]) => {
      await definition.work(events)
      for (const { headers } of events) promised(definition.name, headers['ce-subject'] ?? '').resolve()
    },
  })
  const gateway = keep(
    await startTestGateway(yaml, {
      dataDirectory,
      openStore: () => Promise.resolve(store),
      side: {
        openBroker: undefined,
        workers: (surroundings) => workerSet({ ...surroundings, config: workerConfig(yaml) }).map(telling),
      },
    }),
  )
  return { gateway, store, done: (worker, requestId) => promised(worker, requestId).promise }
}

async function say(gateway: TestGateway, content: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await postChat(gateway.url, { messages: [{ role: 'user', content }] }, { headers })
  expect(response.status).toBe(200)
  await response.text()
  return response.headers.get('x-request-id') ?? ''
}

test('without a server of its own the gateway asks itself, and what it asks for memory is nobody’s conversation', async () => {
  const { gateway, store, done } = await remembering(
    'embeddings: {model: simulated, dimensions: 768}, summaries: {model: simulated, above: 500}',
  )
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
  const own = asked.map(({ request_id: id }) => String(id))
  expect(await store.turns.known(own)).toEqual(new Set())
})

test('while the embedding model hangs no request fails, and what was said meanwhile is done later (N3.6)', async () => {
  await using embedder = await startFakeEmbedder()
  embedder.mode = 'hangs'
  const { gateway, store, done } = await remembering(
    `embeddings: {model: m, url: '${embedder.url}', dimensions: ${fakeDimensions}, timeout: 500ms}`,
  )
  const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => say(gateway, `question ${n}`)))
  await gateway.logged(({ msg, worker }) => msg === 'a worker cannot go on; it holds its events' && worker === 'embed')
  ids.push(await say(gateway, 'while it is away'))
  embedder.mode = 'well'
  await Promise.all(ids.map((id) => done('embed', id)))
  expect(await store.embeddings.missing(ids, { model: 'm', dimensions: fakeDimensions })).toEqual([])
  const held = gateway.log.filter(({ msg }) => msg === 'a worker cannot go on; it holds its events')
  expect(held).toHaveLength(1)
  expect(gateway.logText()).not.toContain('question 1')
})
