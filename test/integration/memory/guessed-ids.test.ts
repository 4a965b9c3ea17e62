import { hash } from 'node:crypto'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import { type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { rememberingGateway, type RememberingGateway } from '../../support/remembering-gateway.ts'

/** Of two houses; bob lives in the same one as alice, and is not her. */
const people = { alice: 'acme', bob: 'acme', mallory: 'globex' } as const
type Person = keyof typeof people
const names = ['alice', 'bob', 'mallory'] as const

const keys = names.map((name) => {
  const sha256 = hash('sha256', `key-of-${name}`)
  return `{ name: ${name}, tenant: ${people[name]}, sha256: ${sha256}, scopes: [chat, admin], trust_user_headers: true }`
})

const seed = Number(process.env['LLMR_TEST_SEED'] ?? Math.floor(Math.random() * 1e6))

let engine: FakeEngine
let running: RememberingGateway

/** Answers everybody alike, but for the name of whoever asks: by that word a reply of somebody else is known. */
beforeAll(async () => {
  engine = await startFakeEngine(({ headers, response }) => {
    const [name] = String(headers['x-correlation-id']).split('-')
    const choices = [{ index: 0, message: { role: 'assistant', content: said(name) }, finish_reason: 'stop' }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'fake', choices }))
  })
  running = await rememberingGateway(
    'recall: hybrid',
    `backends: { e: { kind: openai, url: "${engine.url}" } }\nstore: { request_timeout: 5s }\nauth: { keys: [${keys.join(', ')}] }`,
  )
})

afterAll(async () => {
  await running?.gateway.close()
  await engine?.[Symbol.asyncDispose]()
})

const said = (name: string | undefined) => `The secret of ${name} is a long word that nobody else says.`

let requests = 0

async function ask(
  name: Person,
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
) {
  const { body, headers, method = body === undefined ? 'GET' : 'POST' } = options
  const correlation = `${name}-${requests++}`
  const reply = await fetch(running.gateway.url + path, {
    method,
    headers: { authorization: `Bearer key-of-${name}`, 'x-correlation-id': correlation, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  const conversation = reply.headers.get('x-llmr-conversation') ?? undefined
  return { status: reply.status, text, conversation, requestId: reply.headers.get('x-request-id') ?? '', correlation }
}

/** What people said to others, as far as it is in a text. */
function foreignWords(text: string, name: Person): readonly string[] {
  return names.filter((other) => other !== name && text.includes(`secret of ${other}`))
}

/** Everything anybody may know or guess of another. */
interface Known {
  readonly conversation?: string | undefined
  readonly response?: string | undefined
  readonly correlation?: string | undefined
}

type Move = (name: Person, of: Known) => ReturnType<typeof ask>

const hello = { model: 'fake', messages: [{ role: 'user', content: 'Hello, what is the secret?' }] }
const callId = 'call_everybody_has'

const moves: readonly Move[] = [
  (name) => ask(name, '/v1/chat/completions', { body: hello }),
  (name, { conversation = 'mine' }) =>
    ask(name, '/v1/chat/completions', { body: hello, headers: { 'x-llmr-conversation': conversation } }),
  (name) => ask(name, '/v1/chat/completions', { body: hello, headers: { 'x-llmr-conversation': 'same-name' } }),
  (name) =>
    ask(name, '/v1/chat/completions', { body: hello, headers: { 'x-llmr-user': 'alice', 'x-llmr-conversation': 'u' } }),
  (name) =>
    ask(name, '/v1/chat/completions', {
      body: {
        ...hello,
        messages: [
          ...hello.messages,
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: callId, type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: callId, content: 'done' },
        ],
      },
    }),
  (name) => ask(name, '/v1/responses', { body: { model: 'fake', input: 'Hello, what is the secret?', store: true } }),
  (name, { response = 'resp_none' }) =>
    ask(name, '/v1/responses', { body: { model: 'fake', input: 'And now?', previous_response_id: response } }),
  (name, { response = 'resp_none' }) => ask(name, `/v1/responses/${response}`),
  (name, { response = 'resp_none' }) => ask(name, `/v1/responses/${response}/input_items`),
  (name) => ask(name, '/llmr/v1/memory/show'),
  (name, { conversation = 'none' }) => ask(name, `/llmr/v1/memory/show?id=${conversation}`),
  (name, { conversation = 'none' }) => ask(name, `/llmr/v1/memory/show?id=${conversation}&tenant=acme`),
  (name) => ask(name, '/llmr/v1/memory/search?q=secret+word&tenant=acme'),
  (name) => ask(name, '/llmr/v1/export?table=turns&from=0&to=9000000000000&tenant=acme'),
  (name) => ask(name, '/llmr/v1/memory/search?q=secret+word&principal=alice'),
  (name, { correlation = 'none' }) => ask(name, `/llmr/v1/flows?id=${correlation}`),
  (name, { correlation = 'none' }) => ask(name, `/llmr/v1/requests?id=${correlation}`),
  (name) => ask(name, '/llmr/v1/export?table=turns&from=0&to=9000000000000'),
]

test('whatever is guessed, in whatever order, nobody is told or given back what another house said', async () => {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >> 8) % below
  }
  const known = new Map<Person, Known>()
  const leaks: string[] = []
  const once = async (): Promise<void> => {
    const name = names[random(names.length)] ?? 'alice'
    const of = known.get(names[random(names.length)] ?? 'alice') ?? {}
    const index = random(moves.length)
    const reply = await moves[index]?.(name, of)
    if (reply === undefined) return
    const house = names.filter((other) => people[other] === people[name])
    const foreign = foreignWords(reply.text, name).filter((other) => !house.some((one) => one === other))
    if (foreign.length > 0) leaks.push(`move ${index} told ${name} of ${foreign.join()}`)
    const id = reply.text.startsWith('{') ? textAt(JSON.parse(reply.text), 'id') : undefined
    known.set(name, {
      conversation: reply.conversation ?? known.get(name)?.conversation,
      response: id?.startsWith('resp_') === true ? id : known.get(name)?.response,
      correlation: reply.correlation,
    })
  }
  for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 6 }, once))
  // What an engine was sent for somebody holds what was said to them alone, or to nobody.
  for (const { headers, body } of engine.requests) {
    const [name] = String(headers['x-correlation-id']).split('-')
    const person = names.find((one) => one === name)
    const foreign = person === undefined ? [] : foreignWords(body.toString(), person)
    if (foreign.length > 0) leaks.push(`the engine was sent ${foreign.join()} for ${name}`)
  }
  expect({ seed, leaks }).toEqual({ seed, leaks: [] })
  expect(engine.requests.length).toBeGreaterThan(25)
})

test("another's conversation and another's reply can be neither found, gone on from, nor taken away", async () => {
  const first = await ask('alice', '/v1/responses', { body: { model: 'fake', input: 'Remember me.', store: true } })
  const chat = await ask('alice', '/v1/chat/completions', {
    body: hello,
    headers: { 'x-llmr-conversation': 'mine alone' },
  })
  await running.done('persist', chat.requestId)
  const id = textAt(JSON.parse(first.text), 'id')
  for (const name of ['bob', 'mallory'] as const) {
    const asked = [
      ask(name, `/v1/responses/${id}`),
      ask(name, `/v1/responses/${id}/input_items`),
      ask(name, `/v1/responses/${id}/cancel`, { method: 'POST' }),
      ask(name, `/v1/responses/${id}`, { method: 'DELETE' }),
      ask(name, '/v1/responses', { body: { model: 'fake', input: 'Go on.', previous_response_id: id } }),
    ]
    for (const { status, text } of await Promise.all(asked)) {
      expect([name, status, at(JSON.parse(text), 'error', 'code')]).toEqual([name, 404, 'response_not_found'])
    }
  }
  const body = { conversation: chat.conversation }
  const forgotten = await ask('mallory', '/llmr/v1/memory/forget', { body })
  expect(JSON.parse(forgotten.text)).toMatchObject({ conversations: 0 })
  const kept = await ask('alice', `/llmr/v1/memory/show?id=${chat.conversation}`)
  expect(kept.text).toContain('Hello, what is the secret?')
  expect((await ask('alice', `/v1/responses/${id}`)).status).toBe(200)
})
