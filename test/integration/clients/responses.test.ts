import { hash } from 'node:crypto'

import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai'
import type { Response, ResponseCreateParamsNonStreaming } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { openStore, type Store } from '../../../src/store/open-store.ts'
import { collectItems } from '../../support/collect-items.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { startFakeEngine } from '../../support/fake-engine.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: SimulatedEngine
let gateway: TestGateway
let client: OpenAI
let script: Script | undefined

async function openEmptyStore(): Promise<Store> {
  const location = { engine: 'pglite' as const, dataDirectory: await emptyPglite() }
  return openStore({ location, migrates: true, llmrVersion: '0.0.0', clock: systemClock, logger: silentLogger })
}

const keys = ['me', 'you'].map(
  (name) => `{ name: ${name}, sha256: ${hash('sha256', `${name}-secret`)}, scopes: [chat] }`,
)

beforeAll(async () => {
  engine = await startSimulatedEngine({ contextLength: 2048, vision: true, script: () => script })
  const store = await openEmptyStore()
  gateway = await startTestGateway(
    `
    listen: { shutdown_timeout: 0s }
    resilience: { breaker: { failures: 1000 } }
    auth: { keys: [${keys.join(', ')}] }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
    models: { simulated: { aliases: [gpt-5] } }
  `,
    { openStore: () => Promise.resolve(store), storeBudgetMs: 10_000 },
  )
  client = clientOf('me')
})

afterAll(async () => {
  await gateway.close()
  await engine.close()
})

beforeEach(async () => {
  script = undefined
  await engine.control.clearFaults()
})

function clientOf(name: string, { url } = gateway): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: `${name}-secret`, maxRetries: 0 })
}

/** The engine is asked how it is all the time; this is the last chat. */
function lastAsked(): unknown {
  return JSON.parse(engine.requests.findLast(({ path }) => path === '/v1/chat/completions')?.text ?? '')
}

const hello = { model: 'gpt-5', input: 'hello there' }

const getWeather = {
  type: 'function' as const,
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}
const applyPatch = { type: 'custom' as const, name: 'apply_patch', description: 'Edits files.' }
const agents = {
  type: 'namespace' as const,
  name: 'agents',
  description: 'Sub-agents.',
  tools: [{ type: 'function' as const, name: 'spawn', parameters: { type: 'object' } }],
}

/** Whole and streamed: what the SDK makes of either must be the same. */
const ways = {
  whole: (request: ResponseCreateParamsNonStreaming) => client.responses.create(request),
  streamed: (request: ResponseCreateParamsNonStreaming): Promise<Response> =>
    client.responses.stream({ ...request, stream: true }).finalResponse(),
}

describe.for(Object.entries(ways))('a response that comes %s', ([, ask]) => {
  test('says text, under the name asked for, with usage', async () => {
    script = { content: ['good ', 'mor', 'ning'] }
    const response = await ask(hello)
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      model: 'gpt-5',
      output_text: 'good morning',
    })
    expect(response.usage?.input_tokens).toBeGreaterThan(0)
    expect(response.usage?.total_tokens).toBe(
      (response.usage?.input_tokens ?? 0) + (response.usage?.output_tokens ?? 0),
    )
  })

  test("calls functions, a namespace's and free text, after words and thoughts, each as the client knows it", async () => {
    script = {
      reasoning: 'They ask for much.',
      content: 'I will.',
      toolCalls: [
        { name: 'get_weather', arguments: { city: 'Oslo "centrum"' } },
        { name: 'agents__spawn', arguments: {} },
        { name: 'apply_patch', arguments: { input: '*** Begin\n+"é"\n' } },
      ],
    }
    const response = await ask({
      ...hello,
      tools: [getWeather, agents, applyPatch, { type: 'web_search' }],
      reasoning: { summary: 'auto' },
    })
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'They ask for much.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I will.' }] },
      { type: 'function_call', name: 'get_weather', arguments: '{"city":"Oslo \\"centrum\\""}' },
      { type: 'function_call', name: 'spawn', namespace: 'agents', arguments: '{}' },
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin\n+"é"\n' },
    ])
    expect(lastAsked()).toMatchObject({
      tools: ['get_weather', 'agents__spawn', 'apply_patch'].map((name) => ({ type: 'function', function: { name } })),
    })
  })

  test('stops at its limit, and says so', async () => {
    expect(await ask({ ...hello, max_output_tokens: 3 })).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
  })

  test('holds to a schema that was asked for', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const response = await ask({ ...hello, text: { format: { type: 'json_schema', name: 'place', schema } } })
    expect(JSON.parse(response.output_text)).toEqual({ city: expect.any(String) })
  })

  test('is kept, found, listed, gone on from and deleted', async () => {
    script = { toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }
    const first = await ask({ ...hello, instructions: 'Be brief.', tools: [getWeather], metadata: { trip: '7' } })
    expect(first).toMatchObject({ store: true, metadata: { trip: '7' } })
    expect(first).toMatchObject(await client.responses.retrieve(first.id))
    const items = await collectItems(client.responses.inputItems.list(first.id))
    expect(items).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello there' }] },
    ])

    const [call] = first.output
    script = { content: 'Rain.' }
    const second = await ask({
      model: 'gpt-5',
      previous_response_id: first.id,
      input: [
        {
          type: 'function_call_output',
          call_id: call?.type === 'function_call' ? call.call_id : '',
          output: '12 degrees',
        },
      ],
    })
    expect(second).toMatchObject({ previous_response_id: first.id, output_text: 'Rain.' })
    const id = call?.type === 'function_call' ? call.call_id : ''
    expect(lastAsked()).toMatchObject({
      messages: [
        { role: 'user', content: 'hello there' },
        { role: 'assistant', content: null, tool_calls: [{ id, function: { name: 'get_weather' } }] },
        { role: 'tool', tool_call_id: id, content: '12 degrees' },
      ],
    })

    await client.responses.delete(first.id)
    await expect(client.responses.retrieve(first.id)).rejects.toThrow(NotFoundError)
    await expect(ask({ ...hello, previous_response_id: second.id })).rejects.toMatchObject({
      status: 404,
      code: 'response_not_found',
    })
  })

  test('items may be repeated by their name alone', async () => {
    script = { reasoning: 'Hm.', content: 'Good morning.' }
    const { output } = await ask(hello)
    await ask({
      ...hello,
      input: [
        { role: 'user', content: 'hello there' },
        ...output.map(({ id = '' }) => ({ type: 'item_reference' as const, id })),
        { role: 'user', content: 'And now?' },
      ],
    })
    expect(lastAsked()).toMatchObject({
      messages: [
        { role: 'user', content: 'hello there' },
        { role: 'assistant', content: 'Good morning.', reasoning_content: 'Hm.' },
        { role: 'user', content: 'And now?' },
      ],
    })
  })

  test('is not kept when the client says so', async () => {
    const response = await ask({ ...hello, store: false })
    expect(response).toMatchObject({ store: false })
    await expect(client.responses.retrieve(response.id)).rejects.toThrow(NotFoundError)
  })

  test('a failure before the first word is an error with the status it means', async () => {
    await engine.control.addFault({ type: 'status', status: 500, times: 1 })
    await expect(ask(hello)).rejects.toMatchObject({ status: 502, code: 'backend_failed' })
    await expect(ask({ ...hello, model: 'nobody' })).rejects.toThrow(NotFoundError)
  })

  test('a prompt that is too long is refused in the words that agents know', async () => {
    const failure = await ask({ ...hello, input: 'word '.repeat(4000) }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BadRequestError)
    expect(failure).toMatchObject({ code: 'context_length_exceeded', message: expect.stringContaining('2048 tokens') })
  })
})

test('a response that breaks off in the middle ends in an error, and then as failed', async () => {
  script = { content: ['one ', 'two ', 'three'] }
  await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 2 })
  await expect(client.responses.stream(hello).finalResponse()).rejects.toThrow(APIError)
  const raw = await client.responses.create({ ...hello, stream: true }).asResponse()
  const events = (await raw.text()).match(/^event: .*/gm)?.slice(-2)
  expect(events).toEqual(['event: error', 'event: response.failed'])
})

test('items are listed page by page, in the order asked for', async () => {
  const said = ['one', 'two', 'three', 'four', 'five']
  const { id } = await client.responses.create({ ...hello, input: said.map((content) => ({ role: 'user', content })) })
  const listed = async (order?: 'asc' | 'desc') => {
    const items = await collectItems(client.responses.inputItems.list(id, { limit: 2, order }))
    return items.map((item) =>
      item.type === 'message' && item.content[0]?.type === 'input_text' ? item.content[0].text : '',
    )
  }
  expect(await listed('asc')).toEqual(said)
  expect(await listed()).toEqual(said.toReversed())
  await expect(client.responses.inputItems.list(id, { limit: 101 })).rejects.toMatchObject({
    status: 400,
    param: 'limit',
  })
})

test('a response is found by its own key and by no other', async () => {
  const { id } = await client.responses.create(hello)
  const other = clientOf('you')
  await expect(other.responses.retrieve(id)).rejects.toThrow(NotFoundError)
  await expect(other.responses.delete(id)).rejects.toThrow(NotFoundError)
  await expect(other.responses.inputItems.list(id)).rejects.toThrow(NotFoundError)
  await expect(other.responses.create({ ...hello, previous_response_id: id })).rejects.toThrow(NotFoundError)
  expect(await client.responses.retrieve(id)).toMatchObject({ id })
})

test('nothing runs in the background, and what does not cannot be cancelled', async () => {
  await expect(client.responses.create({ ...hello, background: true })).rejects.toMatchObject({
    status: 400,
    param: 'background',
  })
  const { id } = await client.responses.create(hello)
  await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400, code: 'invalid_request' })
  await expect(client.responses.cancel('resp_nobody')).rejects.toThrow(NotFoundError)
})

test('the tokens of a request are counted before it is sent', async () => {
  const counted = await client.responses.inputTokens.count({ model: 'gpt-5', input: 'hello there' })
  expect(counted).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) })
})

test('without a store replies are served and marked, and what would need it is refused in a way that may pass', async () => {
  await using bare = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
  `)
  const other = clientOf('me', bare)
  const request = { ...hello, model: 'simulated' }
  for (const response of [
    await other.responses.create(request),
    await other.responses.stream(request).finalResponse(),
  ]) {
    expect(response).toMatchObject({ status: 'completed', store: false })
    await expect(other.responses.retrieve(response.id)).rejects.toMatchObject({
      status: 503,
      code: 'store_unavailable',
    })
  }
  await expect(other.responses.create({ ...request, previous_response_id: 'resp_1' })).rejects.toMatchObject({
    status: 503,
    code: 'store_unavailable',
  })
})

test('pictures and files reach an engine that can see, and so do those that a tool gave', async () => {
  await using eyes = await startFakeEngine(({ response }) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'A cat.' } }] }))
  })
  await using seeing = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { eyes: { url: "${eyes.url}", kind: openai } }
  `)
  const url = 'data:image/png;base64,iVBORw0KGgo='
  const picture = { type: 'input_image' as const, image_url: url, detail: 'auto' as const }
  const file_data = 'data:text/plain;base64,aGVsbG8='
  const response = await clientOf('me', seeing).responses.create({
    model: 'fake',
    store: false,
    input: [
      {
        role: 'user',
        content: [{ type: 'input_text', text: 'What?' }, picture, { type: 'input_file', filename: 'a.txt', file_data }],
      },
      { type: 'custom_tool_call', call_id: 'call_1', name: 'look', input: 'closely' },
      { type: 'custom_tool_call_output', call_id: 'call_1', output: [picture] },
    ],
  })
  expect(response.output_text).toBe('A cat.')
  const image = { type: 'image_url', image_url: { url } }
  expect(JSON.parse((await eyes.asked).body.toString())).toMatchObject({
    messages: [
      { role: 'user', content: [{ type: 'text' }, image, { type: 'text', text: expect.stringContaining('hello') }] },
      { role: 'assistant', tool_calls: [{ id: 'call_1', function: { arguments: '{"input":"closely"}' } }] },
      { role: 'tool', tool_call_id: 'call_1' },
      { role: 'user', content: [image] },
    ],
  })
})
