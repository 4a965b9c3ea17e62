import { hash } from 'node:crypto'

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Store } from '../../../src/store/open-store.ts'
import { workerSet } from '../../../workers/worker-set.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { postChat } from '../../support/chat.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { startFakeEngine } from '../../support/fake-engine.ts'
import { parseExposition } from '../../support/parse-exposition.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { openTestStore, pgliteAt } from '../store/places.ts'

/**
 * The gateway as it comes: the embedded database, the table queue, its workers, the simulated engine. A busy machine must
 * not cost a request its place. Close it.
 */
async function embeddedGateway(yaml: string): Promise<TestGateway> {
  const dataDirectory = await emptyPglite()
  return startTestGateway(yaml, {
    dataDirectory,
    openStore: () => openTestStore(pgliteAt(dataDirectory)),
    storeBudgetMs: 60_000,
    side: {
      workers: (surroundings) => workerSet({ ...surroundings, config: workerConfig(yaml) }),
      openBroker: undefined,
    },
  })
}

// One for all that need no other settings: the tests know nothing of each other because their conversations do not.
let gateway: TestGateway
beforeAll(async () => {
  gateway = await embeddedGateway('memory: on')
})
afterAll(() => gateway.close())

let chats = 0

/** A client that sends its last message and nothing else. */
function clientOf(url: string, model = 'simulated') {
  chats += 1
  const conversation = `chat ${chats}`
  const say = async (content: string, more: Readonly<Record<string, string>> = {}) => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ]
    const headers = { 'x-llmr-conversation': conversation, ...more }
    const response = await postChat(url, { model, messages }, { headers })
    return { text: await response.text(), memory: response.headers.get('x-llmr-memory'), status: response.status }
  }
  return Object.assign(say, { conversation })
}

test('a three-turn chat from a client that sends only its last message is answered with context (N1.9)', async () => {
  const say = clientOf(gateway.url)
  expect((await say('My cat is called Miso.')).memory).toBeNull()
  const second = await say('She is four years old.')
  expect(second.memory).toMatch(/^window=2 retrieved=0 tokens=\d+$/)
  expect(second.text).toContain('I was told what was said before: \\"My cat is called Miso.')
  const third = await say('What is she called, and how old is she?')
  expect(third.memory).toMatch(/^window=4 retrieved=0 tokens=\d+$/)
  expect(third.text).toContain('My cat is called Miso.')
  const samples = parseExposition(await (await fetch(`${gateway.url}/metrics`)).text())
  const valueOf = (wanted: string): number => samples.find(({ name }) => name === wanted)?.value ?? 0
  expect(valueOf('llmr_context_injected_tokens_total')).toBeGreaterThan(50)
  expect(valueOf('llmr_retrieval_duration_seconds_count')).toBeGreaterThanOrEqual(2)
})

test('a chat in another dialect is given back what was said in this', async () => {
  const say = clientOf(gateway.url)
  await say('My cat is called Miso.')
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-llmr-conversation': say.conversation },
    body: JSON.stringify({
      model: 'simulated',
      max_tokens: 200,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'What is it called?' }],
    }),
  })
  expect(response.headers.get('x-llmr-memory')).toMatch(/^window=2 /)
  expect(await response.text()).toContain('My cat is called Miso.')
})

test.each([
  ['the request says off', { 'x-llmr-memory': 'off' }],
  ['another llmr in front of this one remembers', { 'x-llmr-hop': 'someone' }],
  ['it is a background request', { 'x-llmr-task': 'title_generation' }],
])('nothing is given back where %s', async (_, headers) => {
  const say = clientOf(gateway.url)
  await say('My cat is called Miso.')
  const { memory, text } = await say('What is it called?', headers)
  expect(memory).toBeNull()
  expect(text).not.toContain('Miso')
})

test('a key and a header narrow what is given back and never widen it, and nobody is given what another said', async () => {
  const keys = ['window', 'hybrid'].map(
    (memory) => `{name: ${memory}, sha256: ${hash('sha256', memory)}, memory: ${memory}}`,
  )
  await using own = await embeddedGateway(`{memory: {keep: on}, auth: {keys: [${keys.join(', ')}]}}`)
  const say = clientOf(own.url)
  for (const key of ['window', 'hybrid']) {
    const authorization = `Bearer ${key}`
    expect((await say('My landlord is Ms Aho.', { authorization })).memory).toBeNull()
    for (const text of ['It rains.', 'It snows.']) await say(text, { authorization })
    const { memory } = await say('Who is my landlord?', { authorization, 'x-llmr-memory': 'hybrid' })
    expect(memory).toMatch(key === 'window' ? /^window=4 retrieved=0 / : /^window=4 retrieved=1 /)
    const narrowed = await say('Who is my landlord?', { authorization, 'x-llmr-memory': 'window' })
    expect(narrowed.memory).toMatch(/^window=4 retrieved=0 /)
  }
})

test("a trusted key's users are given back their own words, and other keys' are not divided", async () => {
  const keys = [
    `{name: webui, sha256: ${hash('sha256', 'webui')}, trust_user_headers: true}`,
    `{name: laptop, sha256: ${hash('sha256', 'laptop')}}`,
  ]
  await using own = await embeddedGateway(`{memory: {keep: on}, auth: {keys: [${keys.join(', ')}]}}`)
  // One conversation by its client's name for it, which is no secret.
  const say = clientOf(own.url)
  const as = (key: string, user?: string) => ({
    authorization: `Bearer ${key}`,
    ...(user !== undefined && { 'x-llmr-user': user }),
  })
  for (const user of ['ada', 'bob', undefined]) {
    expect((await say('My cat is called Miso.', as('webui', user))).memory).toBeNull()
    expect((await say('What is it called?', as('webui', user))).memory).toMatch(/^window=2 /)
  }
  await say('My cat is called Miso.', as('laptop', 'ada'))
  expect((await say('What is it called?', as('laptop', 'bob'))).memory).toMatch(/^window=2 /)
})

test('a response that was kept for one user of a trusted key is not there for another', async () => {
  const webui = `{name: webui, sha256: ${hash('sha256', 'webui')}, trust_user_headers: true}`
  await using own = await embeddedGateway(`{memory: {keep: on}, auth: {keys: [${webui}]}}`)
  const headers = (user: string) => ({ authorization: 'Bearer webui', 'x-llmr-user': user })
  const response = await fetch(`${own.url}/v1/responses`, {
    method: 'POST',
    headers: headers('ada'),
    body: JSON.stringify({ model: 'simulated', input: 'hi' }),
  })
  const { id } = (await response.json()) as { id: string }
  const statusFor = async (user: string) =>
    (await fetch(`${own.url}/v1/responses/${id}`, { headers: headers(user) })).status
  expect([await statusFor('ada'), await statusFor('bob')]).toEqual([200, 404])
})

test('what fits the question comes back behind what the client begins with, and nothing where it sends all by itself', async () => {
  await using engine = await startFakeEngine(({ response }) => {
    response.setHeader('content-type', 'application/json')
    const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Noted.' } }]
    response.end(JSON.stringify({ id: '1', object: 'chat.completion', created: 1, model: 'fake', choices }))
  })
  const given = (): string => engine.requests.at(-1)?.body.toString() ?? ''
  await using own = await embeddedGateway(`memory: on\nbackends: {engine: {url: '${engine.url}', kind: openai}}`)

  const say = clientOf(own.url, 'fake')
  for (const text of ['My landlord is Ms Aho.', 'It rains.', 'Tell me a joke.', 'Another one.']) await say(text)
  expect((await say('Who is my landlord?')).memory).toMatch(/^window=4 retrieved=[12] tokens=\d+$/)
  expect(JSON.parse(given())).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'system', content: expect.stringMatching(/^Earlier messages[\s\S]*> My landlord is Ms Aho\./) },
      { role: 'user', content: 'Who is my landlord?' },
    ],
  })

  const messages: { role: string; content: string }[] = []
  for (const content of ['one', 'two', 'three', 'four', 'five']) {
    messages.push({ role: 'user', content })
    const response = await postChat(own.url, { model: 'fake', messages })
    expect(response.headers.get('x-llmr-memory')).toBeNull()
    await response.text()
    expect(given()).toBe(JSON.stringify({ model: 'fake', messages }))
    messages.push({ role: 'assistant', content: 'Noted.' })
  }
})

test('a store that hangs costs a request its budget at most, and nothing else', async () => {
  const { promise: opening, resolve: open } = Promise.withResolvers<Store>()
  const hanging = await startTestGateway('memory: on', {
    dataDirectory: temporaryFolder(),
    openStore: () => opening,
    storeBudgetMs: 20,
    side: { workers: () => [], openBroker: undefined },
  })
  const say = clientOf(hanging.url)
  for (let turn = 0; turn < 3; turn++) {
    const { status, memory } = await say('hello')
    expect([status, memory]).toEqual([200, null])
  }
  open(fakeStore())
  await hanging.close()
})
