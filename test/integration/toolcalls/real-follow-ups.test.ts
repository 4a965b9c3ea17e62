import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { at, numberAt, textAt } from '../../../src/core/foreign-json.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { eventsOf } from '../../support/chat.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const engine = await realLlamaServer()

describe.skipIf('skip' in engine)('a real llama-server that cuts every reply after 24 tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer
  let gateway: TestGateway

  beforeAll(async () => {
    const model = join(folder, 'tiny.gguf')
    writeFileSync(model, tinyGguf({ name: 'tiny' }))
    const path = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(path, ['-m', model, '-c', '4096', '-np', '1', '-n', '24', '--alias', 'tiny'])
    gateway = await startTestGateway(`
      backends: { real: { url: "${server.url}", kind: llama.cpp } }
      toolcalls: { continue_rounds: 3, continue_tokens: 60, cut_chants: false }
    `)
  })

  afterAll(async () => {
    await gateway.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const messages = [{ role: 'user', content: 'Tell me a story.' }]
  const post = (url: string, body: object) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tiny', messages, temperature: 0, ignore_eos: true, ...body }),
    })

  test('goes on with a reply in the middle of its message, as one reply of all tokens that were asked for', async () => {
    const direct: unknown = await (await post(server.url, {})).json()
    const beginning = textAt(direct, 'choices', 0, 'message', 'content') ?? ''
    expect(at(direct, 'choices', 0)).toMatchObject({ finish_reason: 'length' })
    const reply: unknown = await (await post(gateway.url, {})).json()
    const text = textAt(reply, 'choices', 0, 'message', 'content') ?? ''
    expect(text.startsWith(beginning)).toBe(true)
    expect(text.length).toBeGreaterThan(beginning.length)
    expect(text.slice(beginning.length)).not.toContain(beginning)
    expect(numberAt(reply, 'usage', 'completion_tokens')).toBe(60)
  })

  test('the same as a stream, with one end', async () => {
    const events = await eventsOf(await post(gateway.url, { stream: true, stream_options: { include_usage: true } }))
    expect(events.flatMap((event) => textAt(event, 'choices', 0, 'finish_reason') ?? [])).toEqual(['length'])
    expect(numberAt(events.at(-2), 'usage', 'completion_tokens')).toBe(60)
  })

  test('with tools and a schema the model is free first, where the engine alone lets it say nothing but the schema', async () => {
    const schema = { type: 'object', properties: { kind: { enum: ['good', 'bad'] } }, required: ['kind'] }
    const body = {
      max_tokens: 64,
      tools: [{ type: 'function', function: { name: 'read', parameters: { type: 'object' } } }],
      response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema } },
      ignore_eos: false,
    }
    const direct: unknown = await (await post(server.url, body)).json()
    expect(JSON.parse(textAt(direct, 'choices', 0, 'message', 'content') ?? '')).toHaveProperty('kind')
    const response = await post(gateway.url, body)
    const reply: unknown = await response.json()
    expect(response.headers.get('x-llmr-guard')).toContain('schema-pass')
    expect(JSON.parse(textAt(reply, 'choices', 0, 'message', 'content') ?? '')).toEqual({
      kind: expect.stringMatching(/^(?:good|bad)$/),
    })
  })
})
