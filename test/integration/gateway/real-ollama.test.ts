import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Ollama } from 'ollama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { listAt } from '../../../src/core/foreign-json.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { collectItems } from '../../support/collect-items.ts'
import { readReplyLines } from '../../support/read-reply-lines.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const engine = await realLlamaServer()

describe.skipIf('skip' in engine)("Ollama's API in front of a real llama-server", () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer
  let gateway: TestGateway
  let client: Ollama

  beforeAll(async () => {
    const model = join(folder, 'tiny-chat.gguf')
    writeFileSync(model, tinyGguf({ name: 'tiny-chat' }))
    const path = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(path, ['-m', model, '-c', '4096', '-np', '1', '--alias', 'tiny'])
    gateway = await startTestGateway(`backends: { real: { url: "${server.url}", kind: llama.cpp } }`)
    client = new Ollama({ host: gateway.url })
  })

  afterAll(async () => {
    await gateway.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  function post(path: string, body: object): Promise<Response> {
    return fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body) })
  }

  const chat = {
    model: 'tiny',
    messages: [{ role: 'user', content: 'Hello.' }],
    options: { num_predict: 6, temperature: 0, mirostat: 0, num_ctx: 2048 },
  }

  test('a chat is answered, streamed and whole, with counts and durations of the engine', async () => {
    const whole = await client.chat(chat)
    expect(whole.done).toBe(true)
    expect(whole.eval_count).toBeGreaterThan(0)
    expect(whole.prompt_eval_count).toBeGreaterThan(5)
    expect(whole.eval_duration).toBeLessThanOrEqual(whole.total_duration)
    // The SDK writes into what it is given.
    const stream = readReplyLines(await (await post('/api/chat', { ...chat, stream: undefined })).text())
    const { done_reason: doneReason, eval_count: completionTokens } = whole
    expect(stream).toMatchObject({ isWhole: true, doneReason, completionTokens })
    expect(stream.text).toBe(whole.message.content)
  })

  test('raw text is gone on with, streamed and whole', async () => {
    const request = { model: 'tiny', prompt: 'Once upon', raw: true, options: { num_predict: 5, temperature: 0 } }
    const whole = await client.generate(request)
    expect(whole.eval_count).toBeGreaterThan(0)
    const lines = await collectItems(await client.generate({ ...request, stream: true }))
    expect(lines.map(({ response }) => response).join('')).toBe(whole.response)
    expect(lines.at(-1)).toMatchObject({ done: true, eval_count: whole.eval_count })
  })

  test('its own completion streams to its own end, and its tokenizer answers', async () => {
    const response = await post('/completion', { prompt: 'Once upon', n_predict: 4, stream: true })
    const text = await response.text()
    expect(text).toContain('"stop":true')
    expect(text).not.toContain('"error"')
    const tokens: unknown = await (await post('/tokenize', { content: 'Once upon' })).json()
    expect(listAt(tokens, 'tokens').length).toBeGreaterThan(0)
    const prompt: unknown = await (await post('/apply-template', { messages: chat.messages })).json()
    expect(prompt).toMatchObject({ prompt: expect.stringContaining('Hello.') })
    expect(gateway.log.filter(({ msg }) => msg === 'a backend did not serve a request')).toEqual([])
  })

  test('what it says of itself is what the engine was given', async () => {
    const props: unknown = await (await fetch(`${gateway.url}/props`)).json()
    expect(props).toMatchObject({ model_alias: 'tiny', total_slots: 1, default_generation_settings: { n_ctx: 4096 } })
    expect(await client.show({ model: 'tiny' })).toMatchObject({ model_info: { 'llmr.context_length': 4096 } })
  })
})
