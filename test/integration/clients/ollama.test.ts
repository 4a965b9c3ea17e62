import { Ollama } from 'ollama'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { collectItems } from '../../support/collect-items.ts'
import { chatEnd, chatEvent, type FakeEngine, startFakeEngine, streamPieces } from '../../support/fake-engine.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: SimulatedEngine
let embedder: SimulatedEngine
/** Of which nobody says that it sees nothing. */
let seeing: FakeEngine
let gateway: TestGateway
let client: Ollama
let script: Script | undefined

beforeAll(async () => {
  engine = await startSimulatedEngine({ contextLength: 2048, vision: true, script: () => script })
  embedder = await startSimulatedEngine({ model: 'embedder', embeddings: true, embeddingDimensions: 8 })
  seeing = await startFakeEngine((request) => {
    if (request.body.includes('"stream":true')) return streamPieces(request, [chatEvent('Blue.'), chatEnd])
    request.response.setHeader('content-type', 'application/json')
    const message = { role: 'assistant', content: 'Blue.' }
    return request.response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }))
  })
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends:
      sim: { url: "${engine.url}", kind: llama.cpp }
      embedder: { url: "${embedder.url}", kind: llama.cpp }
      seeing: { url: "${seeing.url}", kind: openai }
    models: { simulated: { aliases: [qwen3] } }
  `)
  client = new Ollama({ host: gateway.url })
})

afterAll(async () => {
  await gateway.close()
  await Promise.all([engine.close(), embedder.close(), seeing[Symbol.asyncDispose]()])
})

beforeEach(async () => {
  script = undefined
  await engine.control.clearFaults()
})

/** The engine is asked how it is all the time; this is the last request to that path. */
function lastAsked(path = '/v1/chat/completions'): unknown {
  return JSON.parse(engine.requests.findLast((request) => request.path === path)?.text ?? '')
}

function lastSeen(): unknown {
  return JSON.parse(seeing.requests.at(-1)?.body.toString() ?? '')
}

const hello = { model: 'qwen3', messages: [{ role: 'user', content: 'hello there' }] }

const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: 'Asks.',
    parameters: { type: 'object', properties: { city: { type: 'string', description: 'Which.' } } },
  },
}))

type Chat = Parameters<Ollama['chat']>[0]

/** Whole and streamed: what a client makes of either must be the same. */
const ways = {
  whole: (request: Omit<Chat, 'stream'>) => client.chat({ ...request, stream: false }),
  streamed: async (request: Omit<Chat, 'stream'>) => {
    const lines = await collectItems(await client.chat({ ...request, stream: true }))
    const last = lines.at(-1) ?? expect.unreachable('a stream without a line')
    const joined = (field: 'content' | 'thinking') => lines.map(({ message }) => message[field] ?? '').join('')
    const calls = lines.flatMap(({ message }) => message.tool_calls ?? [])
    return {
      ...last,
      message: {
        role: 'assistant',
        content: joined('content'),
        ...(joined('thinking') !== '' && { thinking: joined('thinking') }),
        ...(calls.length > 0 && { tool_calls: calls }),
      },
    }
  },
}

describe.for(Object.entries(ways))('a chat that comes %s', ([, ask]) => {
  test('says text, under the name asked for, with what it took', async () => {
    script = { content: ['good ', 'mor', 'ning'] }
    const reply = await ask(hello)
    expect(reply).toMatchObject({
      model: 'qwen3',
      message: { role: 'assistant', content: 'good morning' },
      done: true,
      done_reason: 'stop',
    })
    expect(new Date(reply.created_at).getTime()).toBeGreaterThan(0)
    for (const count of [reply.prompt_eval_count, reply.eval_count, reply.eval_duration, reply.total_duration]) {
      expect(count).toBeGreaterThan(0)
      expect(Number.isInteger(count)).toBe(true)
    }
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
    const reply = await ask({ ...hello, tools })
    expect(reply.message).toMatchObject({
      thinking: 'They ask for two things.',
      content: 'I will look.',
      tool_calls: [
        { function: { name: 'get_weather', arguments: { city: 'Oslo "centrum"' } } },
        { function: { name: 'get_time', arguments: {} } },
      ],
    })
  })

  test('shows no thoughts to who wants none', async () => {
    script = { reasoning: 'Hm.', content: 'Yes.' }
    const reply = await ask({ ...hello, think: false })
    expect(reply.message).toEqual({ role: 'assistant', content: 'Yes.' })
    expect(lastAsked()).toMatchObject({ chat_template_kwargs: { enable_thinking: false } })
  })

  test('stops at its limit, and says so', async () => {
    expect(await ask({ ...hello, options: { num_predict: 3 } })).toMatchObject({ done_reason: 'length' })
  })

  test('holds to a schema that was asked for', async () => {
    const format = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const { message } = await ask({ ...hello, format })
    expect(JSON.parse(message.content)).toEqual({ city: expect.any(String) })
  })

  test('a conversation with tools and thoughts goes on where it was', async () => {
    script = { reasoning: 'Ask.', toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }
    const first = await ask({ ...hello, tools })
    script = { content: 'Rain.' }
    await ask({
      ...hello,
      tools,
      messages: [
        { role: 'system', content: 'Be brief.' },
        ...hello.messages,
        first.message,
        { role: 'tool', tool_name: 'get_weather', content: '12 degrees' },
        { role: 'user', content: 'And here?' },
      ],
      options: { temperature: 0.5, num_ctx: 4096 },
    })
    const id = expect.stringMatching(/./)
    expect(lastAsked()).toMatchObject({
      model: 'simulated',
      temperature: 0.5,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hello there' },
        {
          role: 'assistant',
          reasoning_content: 'Ask.',
          tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }],
        },
        { role: 'tool', tool_call_id: id, content: '12 degrees' },
        { role: 'user', content: 'And here?' },
      ],
    })
  })

  test('images reach an engine that may see', async () => {
    await ask({ model: 'fake', messages: [{ role: 'user', content: 'What?', images: ['iVBORw0KGgo='] }] })
    const url = 'data:image/png;base64,iVBORw0KGgo='
    expect(lastSeen()).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    })
  })

  test('a failure before the first word is a status and a text (R10)', async () => {
    await engine.control.addFault({ type: 'status', status: 500, times: 1 })
    await expect(ask(hello)).rejects.toMatchObject({ status_code: 502, message: expect.stringMatching(/500/) })
    await expect(ask({ ...hello, model: 'nobody' })).rejects.toMatchObject({
      status_code: 404,
      error: expect.stringContaining('not found'),
    })
  })

  test('a prompt that is too long is refused, with both lengths', async () => {
    const messages = [{ role: 'user', content: 'word '.repeat(4000) }]
    await expect(ask({ ...hello, messages })).rejects.toMatchObject({
      status_code: 400,
      error: expect.stringMatching(/input length of \d+ tokens exceeds the context length of 2048 tokens/),
    })
  })
})

test('a reply that breaks off in the middle ends in an error, not in a last line', async () => {
  script = { content: ['one ', 'two ', 'three'] }
  await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 2 })
  let text = ''
  const read = async (): Promise<void> => {
    for await (const { message } of await client.chat({ ...hello, stream: true })) text += message.content
  }
  await expect(read()).rejects.toThrow('broke off')
  expect('one two three'.startsWith(text)).toBe(true)
})

test('streams unless told otherwise, as lines of JSON', async () => {
  script = { content: ['a', 'b'] }
  const response = await fetch(`${gateway.url}/api/chat`, { method: 'POST', body: JSON.stringify(hello) })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await response.text()).trimEnd().split('\n')
  expect(lines.map((line) => (JSON.parse(line) as { done: boolean }).done)).toEqual([false, false, true])
})

describe('generate', () => {
  test('a prompt is what a user says, beside a system text and images', async () => {
    const request = { model: 'fake', prompt: 'Which?', system: 'Be brief.', images: ['/9j/4AAQ'] }
    expect(await client.generate(request)).toMatchObject({ response: 'Blue.', done: true, done_reason: 'stop' })
    expect(lastSeen()).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [{ type: 'text' }, { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } }],
        },
      ],
    })
    const lines = await collectItems(await client.generate({ ...request, stream: true }))
    expect(lines.map(({ response }) => response).join('')).toBe('Blue.')
  })

  test('raw text is gone on with as it stands, streamed and whole', async () => {
    const request = { model: 'qwen3', prompt: '<|user|>hi', raw: true, options: { num_predict: 5 } }
    const whole = await client.generate(request)
    expect(whole.response).not.toBe('')
    expect(lastAsked('/v1/completions')).toMatchObject({ prompt: '<|user|>hi', max_tokens: 5, model: 'simulated' })
    const lines = await collectItems(await client.generate({ ...request, stream: true }))
    expect(lines.map(({ response }) => response).join('')).toBe(whole.response)
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'length', eval_count: 5 })
  })

  test('the gap before a suffix is filled by an engine that can, streamed and whole', async () => {
    const request = { model: 'qwen3', prompt: 'def a(', suffix: '): pass', options: { num_predict: 4 } }
    const whole = await client.generate(request)
    expect(whole.response).not.toBe('')
    expect(lastAsked('/infill')).toMatchObject({ input_prefix: 'def a(', input_suffix: '): pass', n_predict: 4 })
    const lines = await collectItems(await client.generate({ ...request, stream: true }))
    expect(lines.map(({ response }) => response).join('')).toBe(whole.response)
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'length' })
  })
})

test('embeddings of one text, of several, and as they were asked for before', async () => {
  const several = await client.embed({ model: 'embedder', input: ['a', 'b'] })
  expect(several.model).toBe('embedder')
  expect(several.embeddings.map(({ length }) => length)).toEqual([8, 8])
  expect(several.embeddings[0]).not.toEqual(several.embeddings[1])
  expect((await client.embed({ model: 'embedder', input: 'a' })).embeddings).toEqual([several.embeddings[0]])
  expect((await client.embeddings({ model: 'embedder', prompt: 'a' })).embedding).toEqual(several.embeddings[0])
})

test('models are listed, shown and told to be running with the context they have', async () => {
  const { models } = await client.list()
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
  expect(models).toContainEqual(expect.objectContaining({ name: 'simulated', model: 'simulated', digest }))
  const shown = await client.show({ model: 'qwen3' })
  expect(shown).toMatchObject({
    parameters: expect.stringMatching(/^num_ctx\s+2048$/m),
    capabilities: expect.arrayContaining(['completion']),
    model_info: { 'llmr.context_length': 2048 },
  })
  expect((await client.show({ model: 'embedder' })).capabilities).toContain('embedding')
  const running = await client.ps()
  expect(running.models[0]).toMatchObject({ name: 'simulated', context_length: 2048 })
  expect(new Date(running.models[0]?.expires_at ?? '').getTime()).toBeGreaterThan(Date.now())
  expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('files of models are not a client’s to change, which it is told in a text', async () => {
  for (const ask of [
    () => client.pull({ model: 'x' }),
    () => client.create({ model: 'x', from: 'y' }),
    () => client.copy({ source: 'x', destination: 'y' }),
    () => client.delete({ model: 'x' }),
  ]) {
    await expect(ask()).rejects.toMatchObject({ status_code: 501, error: expect.stringContaining('llmr.yaml') })
  }
})
