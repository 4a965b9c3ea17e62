import { hash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Turn } from '../../../src/core/turn.ts'
import { readTurnEvent } from '../../../src/events/read-turn-event.ts'
import { subjects } from '../../../src/events/subjects.ts'
import { workerSet } from '../../../workers/worker-set.ts'
import { parseConfig } from '../../../src/config/parse-config.ts'
import { postChat } from '../../support/chat.ts'
import { beginStream, chatEnd, chatEvent, startFakeEngine } from '../../support/fake-engine.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { openTestStore, pgliteAt } from '../store/places.ts'

const keep = closeAfterEach()

/** A gateway whose events go to a bus of which the test sees what comes. */
async function gatewayWith(yaml: string, mode: MemoryBus['mode'] = 'takes') {
  const bus = new MemoryBus()
  bus.mode = mode
  const dataDirectory = temporaryFolder()
  const closable = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
  const gateway = keep(
    await startTestGateway(yaml, {
      dataDirectory,
      openStore: () => Promise.resolve(fakeStore()),
      side: { workers: () => [], openBroker: () => Promise.resolve(closable) },
    }),
  )
  const typesOf = () => bus.events.map(({ headers }) => headers['ce-type'])
  const turnOf = (): Turn | undefined => {
    const event = bus.events.find(({ subject }) => subject === subjects.persist)
    return event && readTurnEvent(event)
  }
  return { gateway, bus, typesOf, turnOf, dataDirectory }
}

const lineageType = 'llmr.knowledge.flow.lineage.v1'
const turnType = 'llmr.knowledge.chat.persist.v1'

test.each([true, false])(
  'after a reply it is told what was new in the request and what was said (stream: %s)',
  async (stream) => {
    const { gateway, bus, turnOf } = await gatewayWith('memory: on')
    const messages = [
      { role: 'user', content: 'first' },
      { role: 'assistant', content: 'answer' },
      { role: 'user', content: 'second' },
    ]
    const response = await postChat(gateway.url, { messages, stream }, { headers: { 'x-llmr-conversation': 'c-1' } })
    const said = await response.text()
    await bus.until(({ events }) => events.length === 2)
    const turn = turnOf()
    expect(turn).toMatchObject({
      requestId: response.headers.get('x-request-id'),
      principal: 'anonymous',
      claims: { key: { source: 'llmr', key: 'c-1' }, rounds: [{ reply: { length: 'answer'.length } }], isStep: false },
      userText: 'second',
      outcome: 'complete',
      input: [{ role: 'user', parts: [{ type: 'text', text: 'second' }] }],
      finishReason: 'stop',
    })
    const [part] = turn?.output ?? []
    const { text = '' } = part as { text?: string }
    expect(text.length).toBeGreaterThan(0)
    if (!stream) expect(said).toContain(JSON.stringify(text))
  },
)

test('a turn is told before its client has the end marker, whatever becomes of the rest (N3.3)', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    beginStream(response)
    // Said to its end, and never closed.
    response.write(chatEvent('hello') + chatEnd)
  })
  const { gateway, bus, turnOf, typesOf } = await gatewayWith(
    `{ memory: on, backends: { fake: { url: "${engine.url}", kind: openai } } }`,
  )
  const client = new AbortController()
  const response = await postChat(gateway.url, { model: 'fake', stream: true }, { signal: client.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('[DONE]')) text += (await reader.read()).value ?? ''
  await bus.until(({ events }) => events.length === 1)
  expect(turnOf()).toMatchObject({ outcome: 'complete', finishReason: 'stop', output: [{ text: 'hello' }] })
  client.abort()
  await bus.until(({ events }) => events.length === 2)
  expect(typesOf()).toEqual([turnType, lineageType])
})

test('a chat in another dialect is told in the same words', async () => {
  const { gateway, bus, turnOf } = await gatewayWith('memory: on')
  await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({ model: 'simulated', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
  }).then((response) => response.text())
  await bus.until(({ events }) => events.length === 2)
  expect(turnOf()?.input).toEqual([{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }])
  expect(turnOf()?.output).toEqual([{ type: 'text', text: expect.any(String) }])
})

test.each([
  ['memory is off', 'memory: off', {}],
  ['only those with a key are remembered, and this one has none', 'memory: authenticated', {}],
  ['the request says so', 'memory: on', { 'x-llmr-memory': 'off' }],
  ['another llmr in front of this one remembers', 'memory: on', { 'x-llmr-hop': 'someone' }],
])('no content leaves the request when %s; which way it took is told all the same', async (_, yaml, headers) => {
  const { gateway, bus, typesOf } = await gatewayWith(yaml)
  const response = await postChat(gateway.url, { messages: [{ role: 'user', content: 'a secret' }] }, { headers })
  await response.text()
  await bus.until(({ events }) => events.length > 0)
  expect(typesOf()).toEqual([lineageType])
  expect(JSON.stringify(bus.events)).not.toContain('a secret')
})

test('those with a key are remembered where that is wanted', async () => {
  const key = 'k'.repeat(32)
  const { gateway, bus, typesOf, turnOf } = await gatewayWith(`
    memory: authenticated
    auth: { keys: [{ name: ada, sha256: ${hash('sha256', key)} }] }
  `)
  await postChat(gateway.url, {}, { headers: { authorization: `Bearer ${key}` } }).then((response) => response.text())
  await bus.until(({ events }) => events.length === 2)
  expect(typesOf()).toEqual([turnType, lineageType])
  expect(turnOf()?.principal).toBe('ada')
})

test('while the bus hangs every request is served as ever, and what is to be told waits in files (N3.3)', async () => {
  const { gateway, bus, dataDirectory } = await gatewayWith('memory: on', 'hangs')
  for (let n = 0; n < 20; n++) expect((await postChat(gateway.url)).status).toBe(200)
  await bus.until(({ attempts }) => attempts > 0)
  expect(readdirSync(join(dataDirectory, 'spool'))).toHaveLength(1)
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
  expect(metrics).toMatch(/llmr_spool_bytes [1-9]/)
  expect(metrics).toContain('llmr_events_dropped_total{class="turn"} 0')
})

test('a gateway without a broker keeps conversations in its own store (N3.4)', async () => {
  const dataDirectory = await emptyPglite()
  const { config } = parseConfig({ text: '', file: 'llmr.yaml', backendKinds: [], env: {} })
  const store = await openTestStore(pgliteAt(dataDirectory))
  const kept = Promise.withResolvers<void>()
  const gateway = await startTestGateway('memory: on', {
    dataDirectory,
    openStore: () => Promise.resolve(store),
    side: {
      openBroker: undefined,
      workers: (surroundings) =>
        workerSet({ ...surroundings, config }).map((definition) => ({
          ...definition,
          work: async (events) => {
            await definition.work(events)
            if (events.some(({ subject }) => subject.endsWith('persist'))) kept.resolve()
          },
        })),
    },
  })
  const response = await postChat(gateway.url)
  await response.text()
  const id = response.headers.get('x-request-id') ?? ''
  await kept.promise
  expect(await store.turns.known([id])).toEqual(new Set([id]))
  await gateway.close()
  expect(readdirSync(join(dataDirectory, 'spool'))).toEqual([])
})
