import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Turn } from '../../../src/core/turn.ts'
import { readTurnEvent } from '../../../src/events/read-turn-event.ts'
import { subjects } from '../../../src/events/subjects.ts'
import type { Store } from '../../../src/store/open-store.ts'
import { fakeStore } from '../../store/fake-store.ts'
import { eventsOf, postChat } from '../../support/chat.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { chatEnd, chatEvent, startFakeEngine, streamPieces } from '../../support/fake-engine.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { parseExposition } from '../../support/parse-exposition.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore, pgliteAt } from '../store/places.ts'

const keep = closeAfterEach()
let real: Store

beforeAll(async () => {
  real = await openTestStore(pgliteAt(await emptyPglite()))
})
afterAll(() => real.close())

/** A gateway whose store outlives it, and whose events the test sees. A busy machine must not cost a request its place. */
async function gatewayOn(store: Store, yaml = '', storeBudgetMs = 60_000) {
  const bus = new MemoryBus()
  const closable = Object.assign(bus.asBus(), { close: () => Promise.resolve() })
  const gateway = keep(
    await startTestGateway(`memory: on\n${yaml}`, {
      dataDirectory: temporaryFolder(),
      openStore: () => Promise.resolve({ ...store, within: () => store, close: () => Promise.resolve() }),
      storeBudgetMs,
      side: { workers: () => [], openBroker: () => Promise.resolve(closable) },
    }),
  )
  const turns = (): readonly Turn[] =>
    bus.events.filter(({ subject }) => subject === subjects.persist).map(readTurnEvent)
  return { gateway, bus, turns, until: (count: number) => bus.until(() => turns().length === count) }
}

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

test.each([true, false])('what a client sends back is recognised (stream: %s)', async (stream) => {
  const { gateway, turns, until } = await gatewayOn(real)
  const first = await postChat(gateway.url, { stream, messages: [user('hi')] })
  const said = stream ? textOf(await eventsOf(first)) : contentOf(await first.json())
  const second = await postChat(gateway.url, { stream, messages: [user('hi'), assistant(said), user('more')] })
  await second.text()
  const conversation = first.headers.get('x-llmr-conversation')
  expect(conversation).toMatch(/^[0-9a-f-]{36}$/)
  expect(second.headers.get('x-llmr-conversation')).toBe(conversation)
  await until(2)
  const [one, two] = turns()
  expect(two?.place?.conversation).toBe(one?.place?.conversation)
  expect(two?.claims).toMatchObject({ rounds: [], olderRounds: 1 })
  const samples = parseExposition(await (await fetch(`${gateway.url}/metrics`)).text())
  const tiers = samples.filter(({ name }) => name === 'llmr_identity_resolved_total')
  expect(tiers.map(({ labels, value }) => [labels['tier'], value])).toEqual([
    ['new', 1],
    ['chain', 1],
  ])
})

test('a chat in another dialect goes on with one in this', async () => {
  const { gateway } = await gatewayOn(real)
  const first = await postChat(gateway.url, { messages: [user('bonjour')] })
  const said = contentOf(await first.json())
  const second = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    body: JSON.stringify({
      model: 'simulated',
      max_tokens: 50,
      messages: [user('bonjour'), assistant(said), { role: 'user', content: [{ type: 'text', text: 'encore' }] }],
    }),
  })
  expect(second.headers.get('x-llmr-conversation')).toBe(first.headers.get('x-llmr-conversation'))
  await second.text()
})

test('a response that goes on from another by its id is in the same conversation', async () => {
  const { gateway, turns, until } = await gatewayOn(real)
  const respond = (body: object) =>
    fetch(`${gateway.url}/v1/responses`, { method: 'POST', body: JSON.stringify({ model: 'simulated', ...body }) })
  const first = await respond({ input: 'hi there' })
  const { id } = (await first.json()) as { id: string }
  const second = await respond({ input: 'and on', previous_response_id: id })
  await second.text()
  expect(second.headers.get('x-llmr-conversation')).toBe(first.headers.get('x-llmr-conversation'))
  await until(2)
  expect(turns()[1]?.claims.previousRequestId).toBe(turns()[0]?.requestId)
})

test('a client that names its conversation and shows nothing of it goes on below the last reply', async () => {
  const { gateway } = await gatewayOn(real)
  const headers = { 'x-llmr-conversation': 'my chat' }
  const answers = []
  for (const text of ['one', 'two', 'three']) {
    const response = await postChat(gateway.url, { messages: [user(text)] }, { headers })
    await response.text()
    answers.push(response.headers.get('x-llmr-conversation'))
  }
  expect(new Set(answers).size).toBe(1)
})

test("what a client does on its own account touches nothing, though it carries the chat's key and history (N1.11)", async () => {
  const { gateway, bus, turns } = await gatewayOn(real)
  const headers = { 'x-openwebui-chat-id': 'chat-1' }
  const task = `### Task:\nSuggest a title. JSON format: {"title": ""}\n### Chat History:\n<chat_history>\nUSER: hi\n</chat_history>`
  const response = await postChat(gateway.url, { messages: [user(task)] }, { headers })
  await response.text()
  expect(response.headers.get('x-llmr-conversation')).toBeNull()
  await bus.until(({ events }) => events.length === 1)
  expect(turns()).toEqual([])
})

/** Holds what is asked of it, until it is let go. */
function heldStore(hold: 'find' | 'put' | 'end') {
  const held = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const { conversations } = real
  const watched = new Proxy(conversations, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === hold) {
          asked.resolve()
          await held.promise
        }
        return Reflect.apply(method, target, args) as unknown
      }
    },
  })
  return {
    store: { ...fakeStore(), conversations: watched, within: () => ({ ...fakeStore(), conversations: watched }) },
    asked: asked.promise,
    release: held.resolve,
  }
}

test('the end marker of a stream that passes as bytes leaves only when its reply can be recognised', async () => {
  const { store, asked, release } = heldStore('end')
  await using engine = await startFakeEngine((request) =>
    streamPieces(request, [chatEvent('Hel'), chatEvent('lo.'), chatEnd]),
  )
  const { gateway } = await gatewayOn(store, `backends: { fake: { url: ${engine.url}, kind: openai } }`)
  const response = await postChat(gateway.url, { model: 'fake', stream: true, messages: [user('hi')] })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('lo.')) text += (await reader?.read())?.value ?? ''
  await asked
  expect(text).not.toContain('[DONE]')
  release()
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) text += read.value
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test.each(['find', 'put', 'end'] as const)(
  'a store that hangs at "%s" costs a request its budget and no more; a worker finds the place later (I7)',
  async (hold) => {
    const { store, release } = heldStore(hold)
    const { gateway, turns, until } = await gatewayOn(store, '', 30)
    for (const stream of [true, false]) {
      const messages = [user('one'), assistant('One.'), user('two')]
      const response = await postChat(gateway.url, { stream, messages })
      expect(response.status).toBe(200)
      expect(await response.text()).not.toBe('')
    }
    await until(2)
    if (hold !== 'end') {
      expect(turns().map(({ place }) => place)).toEqual([undefined, undefined])
      expect(turns()[0]?.claims.rounds).toHaveLength(1)
    }
    release()
  },
)

function contentOf(reply: unknown): string {
  return (reply as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? ''
}

function textOf(events: readonly unknown[]): string {
  return events
    .map((event) => (event as { choices?: { delta?: { content?: string } }[] }).choices?.[0]?.delta?.content ?? '')
    .join('')
}
