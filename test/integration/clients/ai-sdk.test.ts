import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  jsonSchema,
  stepCountIs,
  streamText,
  tool,
} from 'ai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { Script } from '../../../src/sim/engine-options.ts'
import { type SimulatedEngine, startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { collectItems } from '../../support/collect-items.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

let engine: SimulatedEngine
let gateway: TestGateway
let provider: ReturnType<typeof providerOf>
let script: ((body: string) => Script | undefined) | undefined

beforeAll(async () => {
  Reflect.set(globalThis, 'AI_SDK_LOG_WARNINGS', false) // it tells of what will be deprecated at every call
  engine = await startSimulatedEngine({
    embeddings: true,
    embeddingDimensions: 8,
    script: ({ text }) => script?.(text),
  })
  gateway = await startGateway()
  provider = providerOf(gateway)
})

afterAll(async () => {
  await gateway.close()
  await engine.close()
})

beforeEach(async () => {
  await engine.control.clearFaults()
  script = undefined
})

function startGateway(): Promise<TestGateway> {
  return startTestGateway(`
    listen: { shutdown_timeout: 0s }
    backends: { sim: { url: "${engine.url}", kind: llama.cpp } }
  `)
}

function providerOf({ url }: { url: string }) {
  return createOpenAICompatible({
    name: 'llmr',
    baseURL: `${url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
}

const weather = tool({
  description: 'the weather of a city',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: ({ city }) => Promise.resolve(`rain in ${city}`),
})

test('generateText answers with text, usage and a reason to finish', async () => {
  script = () => ({ content: 'good morning', reasoning: 'a greeting' })
  const { text, usage, finishReason, reasoningText } = await generateText({
    model: provider('simulated'),
    prompt: 'hi',
  })
  expect({ text, finishReason, reasoningText }).toEqual({
    text: 'good morning',
    finishReason: 'stop',
    reasoningText: 'a greeting',
  })
  expect(usage.outputTokens).toBeGreaterThan(0)
})

test('streamText streams text, and usage at the end', async () => {
  script = () => ({ content: ['good ', 'mor', 'ning'] })
  const result = streamText({ model: provider('simulated'), prompt: 'hi' })
  expect(await collectItems(result.textStream)).toEqual(['good ', 'mor', 'ning'])
  expect(await result.finishReason).toBe('stop')
  expect((await result.usage).inputTokens).toBeGreaterThan(0)
})

test('generateObject gets an object of the schema', async () => {
  const schema = jsonSchema<{ count: number }>({
    type: 'object',
    properties: { count: { type: 'integer' } },
    required: ['count'],
  })
  const { object } = await generateObject({ model: provider('simulated'), schema, prompt: 'how many?' })
  expect(object).toEqual({ count: expect.any(Number) })
  const { text } = engine.requests.at(-1)!
  expect(JSON.parse(text)).toMatchObject({ response_format: { type: 'json_schema' } })
})

test.each([generateText, streamText] as const)('%o calls a tool and answers with its result', async (run) => {
  script = (body) =>
    body.includes('rain in Oslo')
      ? { content: 'take an umbrella' }
      : { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] }
  const result = await run({
    model: provider('simulated'),
    prompt: 'what about Oslo?',
    tools: { weather },
    stopWhen: stepCountIs(2),
  })
  expect(await result.text).toBe('take an umbrella')
  const [first] = await result.steps
  expect(first?.toolCalls).toMatchObject([{ toolName: 'weather', input: { city: 'Oslo' } }])
  expect(first?.toolResults).toMatchObject([{ output: 'rain in Oslo' }])
})

test('embed and embedMany agree on the numbers', async () => {
  const model = provider.embeddingModel('simulated')
  const { embedding } = await embed({ model, value: 'one' })
  const { embeddings } = await embedMany({ model, values: ['one', 'two'] })
  expect(embedding).toHaveLength(8)
  expect(embeddings[0]).toEqual(embedding)
})

test('a failure is an APICallError with the message and whether a repeat may help', async () => {
  const failure = await generateText({ model: provider('none'), prompt: 'hi', maxRetries: 0 }).catch(
    (error: unknown) => error,
  )
  expect(APICallError.isInstance(failure)).toBe(true)
  expect(failure).toMatchObject({ statusCode: 404, isRetryable: false })
  expect(String(failure)).toContain('There is no model "none"')
})

test('an engine that is busy is asked again after the time it named, and reported when it stays so', async () => {
  await using own = await startGateway() // which holds the engine back for a while
  const model = providerOf(own)('simulated')
  await engine.control.addFault({ type: 'status', status: 429, retryAfterSeconds: 1, times: 1 })
  script = () => ({ content: 'back again' })
  const { text } = await generateText({ model, prompt: 'hi', maxRetries: 1 })
  expect(text).toBe('back again')

  await engine.control.addFault({ type: 'status', status: 429, times: 1 })
  const failure = await generateText({ model, prompt: 'hi', maxRetries: 0 }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ statusCode: 503, isRetryable: true })
  expect(String(failure)).toMatch(/has no room for another request/)
})

test('a stream that dies ends with an error part that has the reason, and no finish of its own', async () => {
  await engine.control.addFault({ type: 'die-mid-stream', afterChunks: 3 })
  script = () => ({ content: ['one ', 'two ', 'three ', 'four'] })
  const errors: unknown[] = []
  const result = streamText({
    model: provider('simulated'),
    prompt: 'hi',
    maxRetries: 0,
    onError: ({ error }) => void errors.push(error),
  })
  const parts = await collectItems(result.fullStream)
  expect(parts.flatMap((one) => (one.type === 'text-delta' ? one.text : []))).toEqual(['one ', 'two '])
  expect(parts.some(({ type }) => type === 'error')).toBe(true)
  expect(JSON.stringify(errors, (_, value: unknown) => (value instanceof Error ? String(value) : value))).toMatch(
    /The reply broke off/,
  )
  expect(parts.flatMap((one) => (one.type === 'finish' ? one.finishReason : []))).not.toContain('stop')
})
