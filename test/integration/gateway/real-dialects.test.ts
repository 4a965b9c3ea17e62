import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { numberAt } from '../../../src/core/foreign-json.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { readMessageStream } from '../../support/read-message-stream.ts'
import { readResponseStream } from '../../support/read-response-stream.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const engine = await realLlamaServer()

const request = {
  model: 'tiny',
  max_tokens: 8,
  system: [{ type: 'text', text: 'Be brief.' }],
  tools: [{ name: 'read', description: 'Reads.', input_schema: { type: 'object', properties: {} } }],
  messages: [
    { role: 'user', content: 'Read it.' },
    { role: 'system', content: 'It is late.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Hello.' }] },
  ],
}

const responseRequest = {
  model: 'tiny',
  max_output_tokens: 8,
  instructions: 'Be brief.',
  tools: [
    { type: 'namespace', name: 'files', tools: [{ type: 'function', name: 'read', parameters: { type: 'object' } }] },
    { type: 'custom', name: 'write' },
  ],
  input: [
    { role: 'user', content: 'Read it.' },
    { role: 'developer', content: 'It is late.' },
    { type: 'function_call', call_id: 'call_1', name: 'read', namespace: 'files', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'Hello.' },
  ],
}

describe.skipIf('skip' in engine)('other dialects in front of a real llama-server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer
  let gateway: TestGateway

  beforeAll(async () => {
    const model = join(folder, 'tiny-chat.gguf')
    writeFileSync(model, tinyGguf({ name: 'tiny-chat' }))
    const path = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(path, ['-m', model, '-c', '4096', '-np', '1', '--alias', 'tiny'])
    gateway = await startTestGateway(`backends: { real: { url: "${server.url}", kind: llama.cpp } }`)
  })

  afterAll(async () => {
    await gateway.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  function post(path: string, body: object): Promise<Response> {
    return fetch(gateway.url + path, { method: 'POST', body: JSON.stringify(body) })
  }

  test("Anthropic's messages are answered, streamed and whole, with as many prompt tokens as were counted before", async () => {
    const counted = await post('/v1/messages/count_tokens', request)
    expect(counted.headers.get('x-llmr-token-count')).toBe('engine')
    const promptTokens = numberAt(await counted.json(), 'input_tokens')
    expect(promptTokens).toBeGreaterThan(20)

    const whole: unknown = await (await post('/v1/messages', request)).json()
    expect(whole).toMatchObject({ type: 'message', content: [expect.anything()] })
    expect(promptUsed(whole)).toBe(promptTokens)

    const streamed = readMessageStream(await (await post('/v1/messages', { ...request, stream: true })).text())
    expect(streamed.isWhole).toBe(true)
    expect(promptUsed(streamed)).toBe(promptTokens)
  })

  test("OpenAI's responses are answered, streamed and whole, with as many prompt tokens as were counted before", async () => {
    const counted = await post('/v1/responses/input_tokens', responseRequest)
    const promptTokens = numberAt(await counted.json(), 'input_tokens')
    expect(promptTokens).toBeGreaterThan(20)

    const whole: unknown = await (await post('/v1/responses', responseRequest)).json()
    expect(whole).toMatchObject({ object: 'response', output: [expect.anything()] })
    expect(numberAt(whole, 'usage', 'input_tokens')).toBe(promptTokens)

    const events = await (await post('/v1/responses', { ...responseRequest, stream: true })).text()
    const { response, ending } = readResponseStream(events)
    expect(ending).toMatch(/^(completed|incomplete)$/)
    expect(numberAt(response, 'usage', 'input_tokens')).toBe(promptTokens)
  })
})

function promptUsed(message: unknown): number {
  return (
    (numberAt(message, 'usage', 'input_tokens') ?? 0) + (numberAt(message, 'usage', 'cache_read_input_tokens') ?? 0)
  )
}
