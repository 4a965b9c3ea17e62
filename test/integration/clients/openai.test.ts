import { hash } from 'node:crypto'

import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError, toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { collectItems } from '../../support/collect-items.ts'
import { type EngineRequest, type FakeEngine, startFakeEngine } from '../../support/fake-engine.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: SimulatedEngine
let media: FakeEngine
let gateway: TestGateway
let client: OpenAI
let script: ((body: string) => Script | undefined) | undefined
let answerMedia: (request: EngineRequest) => unknown

beforeAll(async () => {
  engine = await startSimulatedEngine({
    embeddings: true,
    embeddingDimensions: 8,
    contextLength: 2048,
    script: ({ text }) => script?.(text),
  })
  media = await startFakeEngine((request) => answerMedia(request))
  gateway = await startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends:
      sim: { url: "${engine.url}", kind: llama.cpp }
      media: { url: "${media.url}", kind: openai }
    models:
      simulated: { aliases: [gpt-4o] }
      guard: { upstream: simulated, backends: [sim], moderates_by: chat }
      whisper-1: { upstream: fake }
  `)
  client = clientOf(gateway)
})

afterAll(async () => {
  await gateway.close()
  await Promise.all([engine.close(), media[Symbol.asyncDispose]()])
})

beforeEach(async () => {
  await engine.control.clearFaults()
  script = undefined
})

function clientOf({ url }: { url: string }, options: Partial<ConstructorParameters<typeof OpenAI>[0]> = {}): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, ...options })
}

const messages = [{ role: 'user' as const, content: 'hello there' }]

const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
  },
}

const weatherCall = { name: 'get_weather', arguments: { city: 'Oslo "centrum"', days: 3 } }

describe('chat', () => {
  test('answers whole, with usage', async () => {
    script = () => ({ content: 'good morning' })
    const reply = await client.chat.completions.create({ model: 'simulated', messages })
    expect(reply.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'good morning' },
      finish_reason: 'stop',
    })
    expect(reply.usage?.total_tokens).toBe(reply.usage!.prompt_tokens + reply.usage!.completion_tokens)
  })

  test('streams: a role, the text in pieces, one reason to finish, and usage only when asked for (R11)', async () => {
    script = () => ({ content: ['good ', 'mor', 'ning'] })
    const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true })
    const chunks = await collectItems(stream)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('good morning')
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['stop'])
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks.flatMap(({ usage }) => usage ?? [])).toEqual([])
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true)
  })

  test('with include_usage the last chunk has usage and no choices (R11)', async () => {
    const stream = await client.chat.completions.create({
      model: 'simulated',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await collectItems(stream)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } })
    expect(chunks.slice(0, -1).flatMap(({ usage }) => usage ?? [])).toEqual([])
  })

  test('calls tools, whole and streamed, with the arguments unharmed', async () => {
    script = () => ({ toolCalls: [weatherCall, { name: 'get_weather', arguments: { city: 'Bergen', days: 1 } }] })
    const reply = await client.chat.completions.create({ model: 'simulated', messages, tools: [weather] })
    const stream = client.chat.completions.stream({ model: 'simulated', messages, tools: [weather] })
    const streamed = await stream.finalChatCompletion()
    for (const { choices } of [reply, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls')
      const calls = choices[0]?.message.tool_calls ?? []
      expect(calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments))).toEqual([
        weatherCall.arguments,
        { city: 'Bergen', days: 1 },
      ])
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    }
  })

  test('a whole loop of tools runs: call, result, answer', async () => {
    script = (body) => (body.includes('"role":"tool"') ? { content: 'take an umbrella' } : { toolCalls: [weatherCall] })
    const asked: unknown[] = []
    const runner = client.chat.completions.runTools({
      model: 'simulated',
      messages,
      tools: [
        {
          type: 'function' as const,
          function: {
            ...weather.function,
            description: 'the weather of a city',
            function: (given: string) => {
              asked.push(JSON.parse(given))
              return 'rain'
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toBe('take an umbrella')
    expect(asked).toEqual([weatherCall.arguments])
  })

  test('holds a reply to a JSON schema', async () => {
    const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }
    const reply = await client.chat.completions.parse({
      model: 'simulated',
      messages,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    })
    expect(reply.choices[0]?.message.parsed).toEqual({ count: expect.any(Number) })
  })

  test('a stream that is aborted ends the work of the engine', async () => {
    const never = new Promise<void>(() => undefined)
    script = () => ({ content: ['one', 'two'], beforePiece: (index) => (index === 0 ? undefined : never) })
    const stream = await client.chat.completions.create({ model: 'simulated', messages, stream: true, user: 'leaver' })
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content === 'one') stream.controller.abort()
    }
    const received = engine.requests.find(({ text }) => text.includes('leaver'))
    expect(await received?.outcome).toBe('abandoned')
  })
})

test('completions answer whole and streamed', async () => {
  script = () => ({ content: 'once upon a time' })
  const request = { model: 'simulated', prompt: 'tell me' }
  const reply = await client.completions.create(request)
  expect(reply.choices[0]?.text).toBe('once upon a time')
  const chunks = await collectItems(await client.completions.create({ ...request, stream: true }))
  expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe('once upon a time')
})

test('embeddings are the same numbers by default, which is base64 on the wire, and as floats (R9)', async () => {
  const request = { model: 'simulated', input: ['one', 'two'] }
  const byDefault = await client.embeddings.create(request)
  const floats = await client.embeddings.create({ ...request, encoding_format: 'float' })
  const base64 = await client.embeddings.create({ ...request, encoding_format: 'base64' })
  expect(floats.data).toHaveLength(2)
  for (const [index, { embedding }] of floats.data.entries()) {
    expect(embedding).toHaveLength(8)
    const plain = Array.from(Float32Array.from(embedding))
    expect(Array.from(byDefault.data[index]!.embedding)).toEqual(plain)
    const bytes = Buffer.from(base64.data[index]!.embedding, 'base64')
    expect(Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(at * 4))).toEqual(plain)
  }
})

test('embeddings are the same numbers whatever encoding the engine answers with', async () => {
  const numbers = [0.5, -1.25, 3]
  const base64 = Buffer.from(Float32Array.from(numbers).buffer).toString('base64')
  for (const embedding of [numbers, base64]) {
    answerMedia = ({ response }) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ object: 'list', model: 'fake', data: [{ object: 'embedding', index: 0, embedding }] }))
    const request = { model: 'fake', input: 'one' }
    expect((await client.embeddings.create(request)).data[0]?.embedding).toEqual(numbers)
    const floats = await client.embeddings.create({ ...request, encoding_format: 'float' })
    expect(floats.data[0]?.embedding).toEqual(numbers)
    const encoded = await client.embeddings.create({ ...request, encoding_format: 'base64' })
    expect(encoded.data[0]?.embedding).toBe(base64)
  }
})

test('models are listed and shown, with the context of the running instance', async () => {
  const listed = await collectItems(client.models.list())
  expect(listed.map(({ id }) => id).toSorted()).toEqual(['fake', 'guard', 'simulated', 'whisper-1'])
  for (const { id } of listed) expect(await client.models.retrieve(id)).toEqual(listed.find((model) => model.id === id))
  expect(listed.find(({ id }) => id === 'simulated')).toMatchObject({ object: 'model', context_length: 2048 })
})

describe('moderations', () => {
  test('are made by a guard model, in the full shape', async () => {
    script = (body) => ({ content: body.includes('knife') ? 'unsafe\nS1,S10' : 'safe' })
    const { results, model } = await client.moderations.create({ model: 'guard', input: ['a spoon', 'a knife'] })
    expect(model).toBe('guard')
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true])
    expect(results[1]?.categories).toMatchObject({ violence: true, hate: true, sexual: false, 'self-harm': false })
    expect(results[1]?.category_scores.violence).toBe(1)
    expect(results[1]?.category_applied_input_types.violence).toEqual(['text'])
    expect(Object.keys(results[0]!.categories)).toHaveLength(13)
  })

  test('ask the guard that is there when the client names the model it knows, or none', async () => {
    script = () => ({ content: 'safe' })
    for (const request of [{ input: 'a spoon' }, { input: 'a spoon', model: 'omni-moderation-latest' }]) {
      expect((await client.moderations.create(request)).results[0]?.flagged).toBe(false)
    }
  })

  test('are a 501 that says what to do when nothing here can moderate', async () => {
    await using bare = await startTestGateway(`backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`)
    const failure = await clientOf(bare)
      .moderations.create({ input: 'a spoon' })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ status: 501, code: 'not_supported', type: 'server_error', param: 'model' })
    expect(String(failure)).toMatch(/moderates_by: chat/)
  })
})

describe('what is sent as a form', () => {
  /** Bytes that a careless hand would change: every one there is, line breaks, and what looks like a boundary. */
  const file = Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    Buffer.from('\r\n--\r\n\r\nname="model"\r\n\r\nwhisper-1\r\n'),
  ])
  let sent = Buffer.alloc(0)
  const recording = (): OpenAI =>
    clientOf(gateway, {
      fetch: async (url, init) => {
        const request = new Request(url, init)
        sent = Buffer.from(await request.clone().arrayBuffer())
        return fetch(request)
      },
    })

  function expectIntact(path: string, model: string): void {
    const received = media.requests.at(-1)
    expect(received?.path).toBe(path)
    const text = sent.toString('latin1')
    expect(text).toContain(file.toString('latin1'))
    const field = `name="model"\r\n\r\n${model}\r\n`
    const wanted = text.replace(field, field.replace(model, 'fake'))
    expect(received?.body.equals(Buffer.from(wanted, 'latin1'))).toBe(true)
  }

  test('audio reaches the engine byte for byte, but for the name of the model', async () => {
    answerMedia = ({ response }) => response.setHeader('content-type', 'application/json').end('{"text":"hello"}')
    for (const model of ['fake', 'whisper-1']) {
      const upload = await toFile(file, 'speech.wav')
      const { text } = await recording().audio.transcriptions.create({ model, file: upload, language: 'en' })
      expect(text).toBe('hello')
      expectIntact('/v1/audio/transcriptions', model)
    }
    await recording().audio.translations.create({ model: 'whisper-1', file: await toFile(file, 'speech.wav') })
    expectIntact('/v1/audio/translations', 'whisper-1')
  })

  test('images reach the engine byte for byte', async () => {
    answerMedia = ({ response }) =>
      response.setHeader('content-type', 'application/json').end('{"created":1,"data":[{"b64_json":"aGk="}]}')
    const image = await toFile(file, 'cat.png', { type: 'image/png' })
    const { data } = await recording().images.edit({ model: 'whisper-1', image, prompt: 'a hat' })
    expect(data?.[0]?.b64_json).toBe('aGk=')
    expectIntact('/v1/images/edits', 'whisper-1')
  })

  test('a transcript that is no JSON passes as it is', async () => {
    const subtitles = '1\n00:00:00,000 --> 00:00:01,000\nh\u00e9llo\n\n'
    answerMedia = ({ response }) => response.setHeader('content-type', 'text/plain; charset=utf-8').end(subtitles)
    const upload = await toFile(file, 'speech.wav')
    const reply = await client.audio.transcriptions.create({ model: 'fake', file: upload, response_format: 'srt' })
    expect(reply).toBe(subtitles)
  })
})

test('images are generated and speech comes as the bytes it is', async () => {
  answerMedia = ({ response, path }) => {
    if (path === '/v1/audio/speech')
      response.setHeader('content-type', 'audio/mpeg').end(Buffer.from([0xff, 0xfb, 0, 1]))
    else response.setHeader('content-type', 'application/json').end('{"created":1,"data":[{"b64_json":"aGk="}]}')
  }
  const { data } = await client.images.generate({ model: 'fake', prompt: 'a cat' })
  expect(data).toEqual([{ b64_json: 'aGk=' }])
  const speech = await client.audio.speech.create({ model: 'fake', voice: 'alloy', input: 'hi' })
  expect(speech.headers.get('content-type')).toBe('audio/mpeg')
  expect(Buffer.from(await speech.arrayBuffer())).toEqual(Buffer.from([0xff, 0xfb, 0, 1]))
})

describe('failures are the errors that the SDK has for them', () => {
  const secret = 'llmr_a-key-for-this-test'
  const key = `{ name: tester, sha256: "${hash('sha256', secret, 'hex')}", max_concurrent: 1 }`

  function failureOf(call: Promise<unknown>): Promise<unknown> {
    return call.then(
      () => 'no failure',
      (error: unknown) => error,
    )
  }

  test('AuthenticationError for a key that nobody knows', async () => {
    await using locked = await startTestGateway(`
      auth: { keys: [${key}] }
      backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
    `)
    const failure = await failureOf(clientOf(locked).models.list())
    expect(failure).toBeInstanceOf(AuthenticationError)
    expect(failure).toMatchObject({ status: 401, code: 'unauthenticated', type: 'authentication_error' })
    const listed = await collectItems(clientOf(locked, { apiKey: secret }).models.list())
    expect(listed.map(({ id }) => id)).toEqual(['simulated'])
  })

  test('NotFoundError for a model that is not there, with the nearest that is', async () => {
    for (const call of [
      () => client.chat.completions.create({ model: 'simulatd', messages }),
      () => client.models.retrieve('simulatd'),
    ]) {
      const failure = await failureOf(call())
      expect(failure).toBeInstanceOf(NotFoundError)
      expect(failure).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
      expect(String(failure)).toContain('Did you mean "simulated"')
    }
  })

  test('RateLimitError with a Retry-After that the SDK waits for', async () => {
    await using locked = await startTestGateway(`
      listen: { shutdown_timeout: 0s }
      auth: { keys: [${key}] }
      backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
    `)
    const { promise: mayEnd, resolve: letEnd } = Promise.withResolvers<void>()
    script = (body) => (body.includes('first') ? { content: ['a', 'b'], beforePiece: () => mayEnd } : undefined)
    const [once, again] = [0, 1].map((maxRetries) => clientOf(locked, { apiKey: secret, maxRetries }))
    const first = once!.chat.completions.create({ model: 'simulated', messages, user: 'first' })
    await engine.waitForRequest(({ text }) => text.includes('first'))

    const failure = await failureOf(once!.chat.completions.create({ model: 'simulated', messages }))
    expect(failure).toBeInstanceOf(RateLimitError)
    expect(failure).toMatchObject({ status: 429, code: 'concurrency_limited', type: 'rate_limit_error' })
    expect((failure as RateLimitError).headers?.get('retry-after')).toMatch(/^\d+$/)

    const patient = again!.chat.completions.create(
      { model: 'simulated', messages },
      { headers: { 'x-correlation-id': 'patient' } },
    )
    await locked.logged(({ correlation_id, status }) => correlation_id === 'patient' && status === 429)
    letEnd()
    await first
    expect((await patient).choices).toHaveLength(1)
  })

  test('BadRequestError with the code by which agents know that they have to compact (R10)', async () => {
    const failure = await failureOf(
      client.chat.completions.create({
        model: 'simulated',
        messages: [{ role: 'user', content: 'word '.repeat(3000) }],
      }),
    )
    expect(failure).toBeInstanceOf(BadRequestError)
    expect(failure).toMatchObject({ status: 400, code: 'context_length_exceeded', type: 'invalid_request_error' })
    expect(String(failure)).toMatch(/maximum context length is 2048 tokens/)
  })

  test('APIError in the middle of a stream, with the reason', async () => {
    await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 3 })
    script = () => ({ content: ['one ', 'two ', 'three ', 'four'] })
    let text = ''
    const failure = await failureOf(
      (async () => {
        const stream = await client.chat.completions.create({ model: 'simulated', messages, stream: true })
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
      })(),
    )
    expect(text).toBe('one two ')
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ code: 'backend_stream_died', type: 'server_error' })
    expect(String(failure)).toMatch(/The reply broke off: .* in the middle of its reply/)
  })

  test('a failure that a repeat cannot mend is not repeated', async () => {
    const before = media.requests.length
    answerMedia = ({ response }) =>
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"error":{"message":"no such schema"}}')
    const stubborn = clientOf(gateway, { maxRetries: 2 })
    const failure = await failureOf(stubborn.chat.completions.create({ model: 'fake', messages }))
    expect(failure).toMatchObject({ status: 422, code: 'backend_rejected' })
    expect(String(failure)).toContain('no such schema')
    expect(media.requests).toHaveLength(before + 1)
  })
})
