import { hash } from 'node:crypto'

import Anthropic, { APIError, AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: SimulatedEngine
let gateway: TestGateway
let client: Anthropic
let script: Script | undefined

beforeAll(async () => {
  engine = await startSimulatedEngine({ contextLength: 2048, vision: true, script: () => script })
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
    models: { simulated: { aliases: [claude-opus] } }
  `)
  client = clientOf(gateway)
})

afterAll(async () => {
  await gateway.close()
  await engine.close()
})

beforeEach(async () => {
  script = undefined
  await engine.control.clearFaults()
})

function clientOf({ url }: { url: string }, apiKey = 'none'): Anthropic {
  return new Anthropic({ baseURL: url, apiKey, maxRetries: 0 })
}

/** The engine is asked how it is all the time; this is the last chat. */
function lastAsked(): unknown {
  return JSON.parse(engine.requests.findLast(({ path }) => path === '/v1/chat/completions')?.text ?? '')
}

const hello = { model: 'claude-opus', max_tokens: 200, messages: [{ role: 'user' as const, content: 'hello there' }] }

const tools = ['get_weather', 'get_time'].map((name) => ({
  name,
  description: 'Asks.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
}))

/** Whole and streamed: what the SDK makes of either must be the same. */
const ways = {
  whole: (request: Anthropic.MessageCreateParamsNonStreaming) => client.messages.create(request),
  streamed: (request: Anthropic.MessageCreateParamsNonStreaming) => client.messages.stream(request).finalMessage(),
}

describe.for(Object.entries(ways))('a message that comes %s', ([, ask]) => {
  test('says text, under the name asked for, with usage', async () => {
    script = { content: ['good ', 'mor', 'ning'] }
    const message = await ask(hello)
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: 'claude-opus',
      content: [{ type: 'text', text: 'good morning' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
    })
    expect(message.usage.input_tokens + (message.usage.cache_read_input_tokens ?? 0)).toBeGreaterThan(0)
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })

  test('calls tools, several at once, after words and thoughts', async () => {
    script = {
      reasoning: 'They ask for two things.',
      content: 'I will look.',
      toolCalls: [
        { name: 'get_weather', arguments: { city: 'Oslo "centrum"' } },
        { name: 'get_time', arguments: {} },
      ],
    }
    const message = await ask({ ...hello, tools, thinking: { type: 'adaptive' } })
    expect(message.stop_reason).toBe('tool_use')
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'They ask for two things.', signature: expect.stringMatching(/./) },
      { type: 'text', text: 'I will look.' },
      { type: 'tool_use', name: 'get_weather', input: { city: 'Oslo "centrum"' } },
      { type: 'tool_use', name: 'get_time', input: {} },
    ])
  })

  test('shows no thoughts to a program that did not ask for them', async () => {
    script = { reasoning: 'Hm.', content: 'Yes.' }
    expect((await ask(hello)).content).toMatchObject([{ type: 'text', text: 'Yes.' }])
  })

  test('stops at its limit, and says so', async () => {
    expect(await ask({ ...hello, max_tokens: 3 })).toMatchObject({ stop_reason: 'max_tokens' })
  })

  test('holds to a schema that was asked for', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const message = await ask({ ...hello, output_config: { format: { type: 'json_schema', schema } } })
    const [block] = message.content
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ city: expect.any(String) })
  })

  test('a conversation with tools, thoughts and images goes on where it was', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 }
    script = { reasoning: 'Ask.', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }
    const first = await ask({ ...hello, tools, thinking, max_tokens: 2000 })
    const call = first.content.find(({ type }) => type === 'tool_use')
    const picture = { type: 'base64' as const, media_type: 'image/png' as const, data: 'iVBORw0KGgo=' }
    script = { content: 'Rain.' }
    await ask({
      ...hello,
      tools,
      thinking,
      max_tokens: 2000,
      system: 'Be brief.',
      messages: [
        ...hello.messages,
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: call?.type === 'tool_use' ? call.id : '',
              content: [
                { type: 'text', text: '12 degrees' },
                { type: 'image', source: picture },
              ],
            },
          ],
        },
      ],
    })
    const id = call?.type === 'tool_use' ? call.id : ''
    expect(lastAsked()).toMatchObject({
      model: 'simulated',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello there' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'Ask.',
          tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', tool_call_id: id, content: expect.stringContaining('12 degrees') },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${picture.data}` } }] },
      ],
    })
  })

  test('a failure before the first word is an error of the kind that its status means', async () => {
    await engine.control.addFault({ type: 'status', status: 500, times: 1 })
    await expect(ask(hello)).rejects.toMatchObject({ status: 502, type: 'api_error' })
    await expect(ask({ ...hello, model: 'nobody' })).rejects.toThrow(NotFoundError)
  })

  test('a prompt that is too long is refused in the words that agents know', async () => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(4000) }]
    const failure = await ask({ ...hello, messages }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BadRequestError)
    expect(failure).toMatchObject({ message: expect.stringMatching(/prompt is too long: \d+ tokens > 2048 maximum/) })
  })
})

test('a reply that breaks off in the middle ends in an error, not in a message', async () => {
  script = { content: ['one ', 'two ', 'three'] }
  await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 2 })
  const stream = client.messages.stream(hello)
  let text = ''
  stream.on('text', (piece) => (text += piece))
  const failure = await stream.finalMessage().catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(APIError)
  expect(failure).toMatchObject({ type: 'overloaded_error' })
  expect('one two three'.startsWith(text)).toBe(true)
})

test('a message has an id by which it is found in the log, and so has a refusal', async () => {
  const { _request_id: id } = await client.messages.create(hello)
  expect(await gateway.logged((line) => line['request_id'] === id)).toMatchObject({ path: '/v1/messages' })
  const failure: unknown = await client.messages.create({ ...hello, model: 'nobody' }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ requestID: expect.stringMatching(/^[0-9a-f-]{36}$/) })
})

test('models are listed with the context they have', async () => {
  const page = await client.models.list()
  expect(page.data).toEqual([expect.objectContaining({ type: 'model', id: 'simulated', max_input_tokens: 2048 })])
  expect(page.hasNextPage()).toBe(false)
  expect(await client.models.retrieve('claude-opus')).toMatchObject({ id: 'simulated', display_name: 'simulated' })
})

test('a limit far beyond the context is no reason to refuse a request', async () => {
  script = { content: 'fine' }
  await client.messages.stream({ ...hello, max_tokens: 32_000 }).finalMessage()
  expect(lastAsked()).not.toHaveProperty('max_tokens')
})

test('a key in x-api-key is known, and a wrong one is refused in this dialect', async () => {
  await using locked = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    auth: { keys: [{ name: me, sha256: ${hash('sha256', 'secret-of-mine')}, scopes: [chat] }] }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
  `)
  script = { content: 'hi' }
  const request = { ...hello, model: 'simulated' }
  await expect(clientOf(locked, 'secret-of-mine').messages.create(request)).resolves.toBeDefined()
  await expect(clientOf(locked, 'wrong').messages.create(request)).rejects.toThrow(AuthenticationError)
})

test('what a client asks beyond what engines know is left out and noted, never refused', async () => {
  script = { content: 'fine' }
  const response = await fetch(`${gateway.url}/messages?beta=true`, {
    method: 'POST',
    headers: { 'anthropic-beta': 'context-management-2025-06-27', 'x-correlation-id': 'left-out' },
    body: JSON.stringify({
      ...hello,
      context_management: { edits: [] },
      tools: [...tools, { type: 'web_search_20250305', name: 'web_search' }],
    }),
  })
  expect(await response.json()).toMatchObject({ content: [{ type: 'text', text: 'fine' }] })
  expect(lastAsked()).toMatchObject({ tools: [{ type: 'function' }, { type: 'function' }] })
  const why = await fetch(`${gateway.url}/llmr/v1/requests`)
  expect(await why.text()).toContain('context_management, tool web_search_20250305')
})
