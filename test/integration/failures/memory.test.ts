import { expect } from 'vitest'

import type { BusEvent } from '../../../src/core/bus.ts'
import { textAt } from '../../../src/core/foreign-json.ts'
import { postChat } from '../../support/chat.ts'
import { type FakeEmbedder, fakeDimensions, startFakeEmbedder } from '../../support/fake-embedder.ts'
import { subjects } from '../../../src/events/subjects.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { rememberingGateway, say } from '../../support/remembering-gateway.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { failureRow } from './failure-row.ts'

const keep = closeAfterEach()
const space = { model: 'm', dimensions: fakeDimensions }

function isHeld({ msg, worker }: Readonly<Record<string, unknown>>): boolean {
  return msg === 'a worker cannot go on; it holds its events' && worker === 'embed'
}

async function start(embedder: FakeEmbedder) {
  const settings = `model: m, url: '${embedder.url}', dimensions: ${fakeDimensions}, timeout: 500ms`
  const started = await rememberingGateway(`embeddings: {${settings}}`)
  keep(started.gateway)
  return started
}

async function remembering() {
  const started = await rememberingGateway('')
  keep(started.gateway)
  return started
}

failureRow('model for embeddings or summaries is away, hangs, or is another', async () => {
  await using embedder = await startFakeEmbedder()
  embedder.mode = 'hangs'
  const { gateway, store, done } = await start(embedder)
  const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => say(gateway, `question ${n}`)))
  const held = await gateway.logged(isHeld)
  expect(JSON.stringify(held)).toContain('did not answer in the time given')
  for (const mode of ['fails', 'narrow'] as const) {
    embedder.mode = mode
    ids.push(await say(gateway, `while it ${mode}`))
    await embedder.called(embedder.calls.length + 1)
  }
  embedder.mode = 'well'
  await Promise.all(ids.map((id) => done('embed', id)))
  expect(await store.embeddings.missing(ids, space)).toEqual([])
  expect(await store.bus.deadLetters(10)).toEqual([])
  const reasons = gateway.log.filter(isHeld).map(({ err }) => textAt(err, 'message'))
  expect(reasons).toEqual(Array.from(new Set(reasons)))
  expect(gateway.logText()).not.toContain('question 1')
})

failureRow('text that such a model refuses, or dies of', async () => {
  await using embedder = await startFakeEmbedder()
  embedder.refusesTexts = /POISON/
  const { gateway, store, done } = await start(embedder)
  const [good, bad] = await Promise.all([say(gateway, 'good'), say(gateway, 'POISON')])
  const aside = await gateway.logged(({ msg, worker }) => msg === 'an event was put aside' && worker === 'embed')
  expect(aside).toMatchObject({ event: `${bad}/embedding`, reason: expect.stringContaining('invalid input') })
  await done('embed', good)
  embedder.refusesTexts = undefined
  const [letter] = await store.bus.deadLetters(1)
  expect(await store.bus.redrive(letter?.id ?? '')).toBe(true)
  await done('embed', bad)
  expect(await store.embeddings.missing([good, bad], space)).toEqual([])
})

failureRow('question gets no vector in time', async () => {
  await using embedder = await startFakeEmbedder()
  const { gateway, done } = await start(embedder)
  const headers = { 'x-llmr-conversation': 'c' }
  await done('persist', await say(gateway, 'The boat is called Annabel.', headers))
  for (const mode of ['hangs', 'fails'] as const) {
    embedder.mode = mode
    const messages = [{ role: 'user', content: `What is the boat called? ${mode}` }]
    const response = await postChat(gateway.url, { messages }, { headers })
    expect(response.status).toBe(200)
    await response.text()
  }
  await gateway.logged(({ msg }) => msg === 'the embedder does not answer; conversations are searched by their words')
})

failureRow('store does not answer in time while a chat is looked up', async () => {
  const { promise: opening, resolve: open } = Promise.withResolvers<Store>()
  const gateway = await startTestGateway('memory: on', {
    dataDirectory: temporaryFolder(),
    openStore: () => opening,
    storeBudgetMs: 20,
    side: { workers: () => [], openBroker: undefined },
  })
  const ask = () => postChat(gateway.url, {}, { headers: { 'x-llmr-conversation': 'c' } })
  for (let turn = 0; turn < 2; turn++) {
    const response = await ask()
    expect(await response.text()).toContain('Simulated reply')
    expect([response.status, response.headers.get('x-llmr-memory')]).toEqual([200, null])
  }
  const failing = { ...fakeStore(), within: () => Object.create(null) as Store }
  open(failing)
  await ask()
  await ask()
  const lines = gateway.log.filter(({ msg }) => msg === 'the store does not answer; requests go on without it')
  expect(lines).toHaveLength(1)
  await gateway.close()
})

function turnEvent(id: string, version: number): BusEvent {
  return {
    id,
    subject: subjects.persist,
    headers: { 'ce-type': `llmr.knowledge.chat.persist.v${version}`, 'ce-subject': id },
    body: { mood: 'odd' },
  }
}

failureRow('event that can never be kept', async () => {
  const { gateway, store, done } = await remembering()
  await store.bus.publish([turnEvent('poison', 1)])
  const good = await say(gateway, 'good')
  const aside = await gateway.logged(({ msg, worker }) => msg === 'an event was put aside' && worker === 'persist')
  expect(aside).toMatchObject({ event: 'poison' })
  await done('persist', good)
  expect(await store.bus.deadLetters(10)).toMatchObject([{ event: { id: 'poison' } }])
})

failureRow('event of a later version than its worker', async () => {
  const { gateway, store, done } = await remembering()
  await store.bus.publish([turnEvent('later', 2)])
  await done('persist', await say(gateway, 'good'))
  // All else is done in time; this one stays, and is not put aside.
  const unsettled = async (): Promise<number> => {
    const standing = (await store.bus.consumers()).find(({ name }) => name === 'persist')
    return (standing?.backlog.waiting ?? 0) + (standing?.backlog.lent ?? 0)
  }
  await expect.poll(unsettled).toBe(1)
  expect(await store.bus.deadLetters(10)).toEqual([])
})
