import { expect, onTestFinished, test } from 'vitest'

import { type Connection, openConnection } from '../../../src/backends/connection.ts'
import { checkBackend, describeBackend } from '../../../src/backends/describe-backend.ts'
import type { BackendSettings } from '../../../src/core/backend.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { readRecording, type Recording, type ReplayServer, startReplayServer } from '../../support/replay-server.ts'

const deadline = { timeoutMs: 10_000 }

async function replay(
  recording: string | Recording,
  settings: Partial<BackendSettings> = {},
): Promise<{ server: ReplayServer; connection: Connection }> {
  const server = await startReplayServer(typeof recording === 'string' ? readRecording(recording) : recording)
  const connection = openConnection(backendSettings({ url: server.url, ...settings }), patientLimits)
  onTestFinished(async () => {
    await connection.destroy()
    await server[Symbol.asyncDispose]()
  })
  return { server, connection }
}

async function describeReplay(recording: string | Recording, settings?: Partial<BackendSettings>) {
  const { server, connection } = await replay(recording, settings)
  return { asked: server.asked, description: await describeBackend(connection, deadline) }
}

test('llama-server tells its version, its slots and the context of one slot', async () => {
  const { description } = await describeReplay('llama.cpp')
  expect(description).toEqual({
    kind: 'llama.cpp',
    version: 'b11669-Debian',
    slots: 2,
    models: [
      {
        id: '/models/tiny-a.gguf',
        isLoaded: true,
        contextLength: 2048,
        slots: 2,
        capabilities: {
          chat: true,
          completion: true,
          embedding: false,
          rerank: false,
          tools: true,
          vision: false,
          transcription: false,
        },
        revision: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    ],
  })
})

test('llama-server started for embeddings or reranking is known to do that', async () => {
  const embedding = await describeReplay('llama.cpp-embedding')
  expect(embedding.description.models[0]).toMatchObject({
    embeddingDimensions: 128,
    capabilities: { embedding: true, rerank: false },
  })
  const rerank = await describeReplay('llama.cpp-rerank')
  // It would answer embedding requests too, with zeros.
  expect(rerank.description.models[0]?.capabilities).toMatchObject({ rerank: true, embedding: false, chat: false })
})

test('a llama-server that sleeps is asked nothing that would wake it, and counts as not loaded', async () => {
  const recording = readRecording('llama.cpp')
  const props = recording['GET /props']!
  const asleep = { ...props, json: { ...(props.json as object), is_sleeping: true } }
  const { description, asked } = await describeReplay({ ...recording, 'GET /props': asleep })
  expect(description.models[0]?.isLoaded).toBe(false)
  expect(asked.filter((question) => question.startsWith('POST') || question.includes('/slots'))).toEqual([])
})

test('a llama-server that loads its model is well and has no models yet (N4.12)', async () => {
  const { description } = await describeReplay('llama.cpp-loading')
  expect(description).toEqual({ kind: 'llama.cpp', models: [], isLoading: true })
})

test("llama.cpp's router lists what it could load, asks only what runs, and is never made to load (N4.11)", async () => {
  const { description, asked } = await describeReplay('llama.cpp-router')
  expect(description.models).toMatchObject([
    { id: 'tiny-a', isLoaded: true, contextLength: 8192, slots: 4, capabilities: { tools: true } },
    { id: 'tiny-b', isLoaded: false },
    { id: 'tiny-embed', isLoaded: false },
  ])
  expect(description.models[1]?.contextLength).toBeUndefined()
  expect(description.slots).toBeUndefined()
  expect(asked).toContain('GET /props?model=tiny-a&autoload=false')
  expect(asked.filter((question) => question.startsWith('POST') || question.includes('tiny-b'))).toEqual([])
})

test('an engine that wants a key says so', async () => {
  const { connection } = await replay('llama.cpp-locked')
  await expect(describeBackend(connection, deadline)).rejects.toMatchObject({
    causeClass: 'unauthorized',
    message: expect.stringContaining('api_key'),
  })
})

test('vllm tells the context it was given, and names give away embedding models', async () => {
  const { description } = await describeReplay('vllm')
  expect(description).toEqual({
    kind: 'vllm',
    version: '0.15.0',
    models: [
      { id: 'Qwen/Qwen3-8B', isLoaded: true, contextLength: 32768, capabilities: {} },
      { id: 'sql-lora', isLoaded: true, capabilities: {} },
    ],
  })
  const embedding = await describeReplay('vllm-embedding')
  expect(embedding.description.models).toMatchObject([{ capabilities: { embedding: true, chat: false } }])
})

test('LM Studio: each loaded instance has its own context, the trained maximum counts for nothing', async () => {
  const { description } = await describeReplay('lmstudio')
  expect(description).toEqual({
    kind: 'lmstudio',
    models: [
      {
        id: 'qwen/qwen3-4b-2507',
        isLoaded: true,
        contextLength: 16384,
        slots: 4,
        capabilities: { chat: true, embedding: false, vision: false, tools: true },
      },
      {
        id: 'qwen/qwen3-4b-2507:2',
        isLoaded: true,
        contextLength: 4096,
        capabilities: { chat: true, embedding: false, vision: false, tools: true },
      },
      {
        id: 'gemma-3-270m-it-qat',
        isLoaded: false,
        capabilities: { chat: true, embedding: false, vision: false, tools: false },
      },
      {
        id: 'text-embedding-nomic-embed-text-v1.5',
        isLoaded: true,
        contextLength: 2048,
        capabilities: { chat: false, completion: false, embedding: true },
      },
    ],
  })
})

test('LM Studio before 0.4, which answers unknown paths with status 200', async () => {
  const { description } = await describeReplay('lmstudio-0.3')
  expect(description.kind).toBe('lmstudio')
  expect(description.models).toMatchObject([
    { id: 'qwen2-vl-7b-instruct', isLoaded: false, capabilities: { vision: true } },
    { id: 'meta-llama-3.1-8b-instruct', isLoaded: true, contextLength: 8192, capabilities: { tools: true } },
    { id: 'text-embedding-nomic-embed-text-v1.5', capabilities: { embedding: true, chat: false } },
  ])
})

test('Ollama: context of what runs, else of the Modelfile, else unknown', async () => {
  const { description } = await describeReplay('ollama')
  expect(description).toMatchObject({
    kind: 'ollama',
    version: '0.14.2',
    models: [
      { id: 'llama3.1:8b', isLoaded: true, contextLength: 4096, capabilities: { chat: true, tools: true } },
      { id: 'qwen3:4b-8k', isLoaded: false, contextLength: 8192, capabilities: { vision: false } },
      { id: 'nomic-embed-text:latest', embeddingDimensions: 768, capabilities: { embedding: true, chat: false } },
    ],
  })
})

test('Ollama is not asked again about models that lie on disk unchanged', async () => {
  const { server, connection } = await replay('ollama')
  const previous = await describeBackend(connection, deadline)
  const asked = server.asked.length
  expect(await describeBackend(connection, { ...deadline, previous })).toEqual(previous)
  const again = server.requests.slice(asked).map(({ body }) => body)
  expect(again.filter((body) => body !== '')).toEqual(['{"model":"llama3.1:8b"}'])
})

test('an unknown server with a model list speaks OpenAI, and its models are told apart by name', async () => {
  const { description } = await describeReplay('openai')
  expect(description.kind).toBe('openai')
  expect(description.models.map(({ id, capabilities }) => [id, capabilities.chat])).toEqual([
    ['gpt-5.2', undefined],
    ['text-embedding-3-small', false],
    ['omni-moderation-latest', false],
    ['whisper-1', false],
    ['gpt-4o-mini-tts', false],
    ['gpt-image-1', false],
  ])
})

test("a service's richer list is used: context, vision and tools", async () => {
  const { description } = await describeReplay('openrouter')
  expect(description.models).toMatchObject([{ contextLength: 262144, capabilities: { vision: true, tools: true } }])
})

test('a cloud is asked nothing but its health path and its model list', async () => {
  const { asked } = await describeReplay('openai', { trust: 'cloud' })
  expect(new Set(asked)).toEqual(new Set(['GET /healthz', 'GET /v1/models']))
})

test('another llmr is recognised before the engines it imitates', async () => {
  const { description } = await describeReplay('llmr')
  expect(description).toEqual({
    kind: 'llmr',
    version: '0.1.0',
    models: [{ id: 'coder', isLoaded: false, contextLength: 32768, capabilities: { chat: true, tools: true } }],
  })
})

test('a service without a model list is taken at the word of an operator who names models', async () => {
  const nothing: Recording = { '*': { status: 404, text: 'not found' } }
  const { description } = await describeReplay(nothing, { models: ['llama-70b'] })
  expect(description).toEqual({ kind: 'openai', models: [] })
  const { connection } = await replay(nothing, { models: ['llama-*'] })
  await expect(describeBackend(connection, deadline)).rejects.toMatchObject({ causeClass: 'malformed' })
})

test('another program on the port is no backend, and the message says what was found', async () => {
  const { connection } = await replay({ '*': { status: 200, text: '<html><title>Router</title></html>' } })
  await expect(describeBackend(connection, deadline)).rejects.toMatchObject({
    causeClass: 'malformed',
    excerpt: expect.stringContaining('Router'),
  })
})

test.each(['ollama', 'llmr', 'openai'])(
  'when another engine took the address of %s, it is recognised',
  async (kind) => {
    const { connection } = await replay('vllm')
    const previous = { kind, models: [] }
    expect((await describeBackend(connection, { ...deadline, previous })).kind).toBe('vllm')
  },
)

test('an LM Studio without models is one all the same', async () => {
  const { description } = await describeReplay({
    ...readRecording('lmstudio'),
    'GET /v1/models': { status: 200, json: { object: 'list', data: [] } },
    'GET /api/v1/models': { status: 200, json: { models: [] } },
  })
  expect(description).toEqual({ kind: 'lmstudio', models: [] })
})

test('a kind that the operator set is not questioned', async () => {
  const { description, asked } = await describeReplay('vllm', { kind: 'openai' })
  expect(description.kind).toBe('openai')
  expect(asked).toEqual(['GET /v1/models'])
})

test('an engine that never answers costs no more than the deadline', async () => {
  const { connection } = await replay('llama.cpp')
  await expect(describeBackend(connection, { timeoutMs: 1, signal: AbortSignal.timeout(0) })).rejects.toMatchObject({
    name: 'BackendFailure',
  })
})

test("a caller that gives up gets its own reason back, not the backend's failure", async () => {
  const { connection } = await replay('llama.cpp')
  const reason = new Error('shutting down')
  await expect(describeBackend(connection, { ...deadline, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test.each([
  ['llama.cpp', 'llama.cpp', 'GET /health'],
  ['vllm', 'vllm', 'GET /health'],
  ['lmstudio', 'lmstudio', 'GET /v1/models'],
  ['ollama', 'ollama', 'GET /api/version'],
  ['openai', 'openai', 'GET /v1/models'],
  ['llmr', 'llmr', 'GET /healthz'],
])('the health check of %s is one request', async (recording, kind, question) => {
  const { server, connection } = await replay(recording)
  expect(await checkBackend(connection, { ...deadline, kind })).toEqual({ isLoading: false })
  expect(server.asked).toEqual([question])
})

test('a health check tells loading from failing', async () => {
  const loading = await replay('llama.cpp-loading')
  expect(await checkBackend(loading.connection, { ...deadline, kind: 'llama.cpp' })).toEqual({ isLoading: true })
  const failing = await replay({ '*': { status: 500, text: '' } })
  await expect(checkBackend(failing.connection, { ...deadline, kind: 'vllm' })).rejects.toMatchObject({
    causeClass: 'server_error',
  })
})
