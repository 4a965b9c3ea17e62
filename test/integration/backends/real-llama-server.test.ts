import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { askChat } from '../../../src/backends/ask-chat.ts'
import { type Connection, openConnection } from '../../../src/backends/connection.ts'
import { describeBackend } from '../../../src/backends/describe-backend.ts'
import { probeBackend } from '../../../src/backends/probe/probe-backend.ts'
import { backendSettings, patientLimits } from '../../support/backend-settings.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'

const engine = await realLlamaServer()
const deadline = { timeoutMs: 10_000 }

describe.skipIf('skip' in engine)('a real llama-server', () => {
  const path = 'path' in engine ? engine.path : ''
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  const models = join(folder, 'models')
  const chatModel = join(models, 'tiny-chat.gguf')
  let server: RunningLlamaServer
  let connection: Connection

  beforeAll(async () => {
    mkdirSync(models)
    writeFileSync(chatModel, tinyGguf({ name: 'tiny-chat' }))
    server = await startLlamaServer(path, ['-m', chatModel, '-c', '4096', '-np', '2', '--alias', 'tiny'])
    connection = openConnection(backendSettings({ url: server.url }), patientLimits)
  })

  afterAll(async () => {
    await connection.destroy()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  test('is recognised, and the context it reports is that of one slot', async () => {
    expect(await describeBackend(connection, deadline)).toMatchObject({
      kind: 'llama.cpp',
      slots: 2,
      models: [{ id: 'tiny', isLoaded: true, contextLength: 2048, capabilities: { tools: true, embedding: false } }],
    })
  })

  test('answers a chat, and a schema holds it', async () => {
    const messages = [{ role: 'user', content: 'hello' }] as const
    const answer = await askChat(connection, { model: 'tiny', messages, maxTokens: 8, temperature: 0 }, deadline)
    expect(answer.usage?.completionTokens).toBeGreaterThan(0)
    const jsonSchema = {
      type: 'object',
      properties: { topic: { enum: ['coding', 'general'] } },
      required: ['topic'],
      additionalProperties: false,
    }
    const { text } = await askChat(connection, { model: 'tiny', messages, maxTokens: 64, jsonSchema }, deadline)
    expect(JSON.parse(text)).toMatchObject({ topic: expect.stringMatching(/^(?:coding|general)$/) })
  })

  test('says by how much a prompt is too long', async () => {
    const messages = [{ role: 'user', content: 'badofen '.repeat(3_000) }] as const
    await expect(askChat(connection, { model: 'tiny', messages }, deadline)).rejects.toMatchObject({
      causeClass: 'rejected',
      overflow: { contextLength: 2048, promptTokens: expect.any(Number) },
    })
  })

  test('passes the probe: a real inference with its speeds, and a template that shows tools', async () => {
    const options = { mayLoad: false, mayPay: false, describeTimeoutMs: 10_000, inferenceTimeoutMs: 20_000 }
    const { checks } = await probeBackend(backendSettings({ url: server.url }), options)
    expect(checks).toMatchObject([
      { step: 'reach', outcome: 'passed' },
      { step: 'chat', outcome: 'passed', measured: { prefillTokensPerSecond: expect.any(Number) } },
      { step: 'context', outcome: 'finding', measured: { tokens: 2048 } },
      { step: 'tools', outcome: 'passed' },
    ])
  })

  test('started for embeddings and for reranking does that, as the probe finds', async () => {
    const options = { mayLoad: false, mayPay: false, describeTimeoutMs: 10_000, inferenceTimeoutMs: 20_000 }
    const embedder = join(folder, 'tiny-embed.gguf')
    writeFileSync(embedder, tinyGguf({ name: 'tiny-embed', pooling: 'mean' }))
    const servers = await Promise.all([
      startLlamaServer(path, ['-m', embedder, '--embeddings']),
      startLlamaServer(path, ['-m', embedder, '--rerank']),
    ])
    onTestFinished(async () => {
      await Promise.all(servers.map((running) => running.close()))
    })
    const [embedding, rerank] = await Promise.all(
      servers.map(async ({ url }) => (await probeBackend(backendSettings({ url }), options)).checks[1]),
    )
    expect(embedding).toMatchObject({ step: 'embedding', outcome: 'passed', measured: { dimensions: 64 } })
    // Random weights rank as they like; that two scores came back is what counts here.
    expect(rerank).toMatchObject({ step: 'rerank', measured: { relevantScore: expect.any(Number) } })
  })

  test('that sleeps stays asleep while it is described', async () => {
    const sleepy = await startLlamaServer(path, ['-m', chatModel, '--sleep-idle-seconds', '1'])
    const toSleepy = openConnection(backendSettings({ url: sleepy.url }), patientLimits)
    onTestFinished(async () => {
      await toSleepy.destroy()
      await sleepy.close()
    })
    const isLoaded = async (): Promise<boolean | undefined> =>
      (await describeBackend(toSleepy, deadline)).models[0]?.isLoaded
    await expect.poll(isLoaded, { timeout: 10_000, interval: 250 }).toBe(false)
    expect(await isLoaded()).toBe(false)
  })

  test('as a router is described without loading anything (N4.11)', async () => {
    const router = await startLlamaServer(path, ['--models-dir', models, '--models-max', '1'])
    const toRouter = openConnection(backendSettings({ url: router.url }), patientLimits)
    onTestFinished(async () => {
      await toRouter.destroy()
      await router.close()
    })
    const messages = [{ role: 'user', content: 'hello' }] as const
    expect(await describeBackend(toRouter, deadline)).toMatchObject({ models: [{ id: 'tiny-chat', isLoaded: false }] })
    expect(await describeBackend(toRouter, deadline)).toMatchObject({ models: [{ isLoaded: false }] })
    await askChat(toRouter, { model: 'tiny-chat', messages, maxTokens: 2 }, deadline)
    expect(await describeBackend(toRouter, deadline)).toMatchObject({
      models: [{ id: 'tiny-chat', isLoaded: true, contextLength: expect.any(Number), capabilities: { tools: true } }],
    })
    await expect(askChat(toRouter, { model: 'no-such', messages }, deadline)).rejects.toMatchObject({
      causeClass: 'no_such_model',
    })
  })
})
