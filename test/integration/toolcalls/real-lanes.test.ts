import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { at, textAt } from '../../../src/core/foreign-json.ts'
import { plainTemplate } from '../../../src/sim/chat-template.ts'
import { realLlamaServer, type RunningLlamaServer, startLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'
import { startTestGateway, type TestGateway } from '../../support/start-gateway.ts'

const engine = await realLlamaServer()

const parameters = { type: 'object', properties: { path: { type: 'string' } } }
const body = {
  model: 'tiny',
  max_tokens: 8,
  tools: [{ type: 'function', function: { name: 'read', parameters } }],
  messages: [
    { role: 'user', content: 'Read it.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read', arguments: '{"path":"a"}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'Hello.' },
  ],
}

describe.skipIf('skip' in engine)('a real llama-server whose template knows no tools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer
  let gateway: TestGateway

  beforeAll(async () => {
    const model = join(folder, 'tiny-plain.gguf')
    writeFileSync(model, tinyGguf({ name: 'tiny-plain', template: plainTemplate }))
    const path = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(path, ['-m', model, '-c', '4096', '-np', '1', '--alias', 'tiny'])
    gateway = await startTestGateway(`backends: { real: { url: "${server.url}", kind: llama.cpp } }`)
  })

  afterAll(async () => {
    await gateway.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const post = (url: string) => fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) })

  test('says so of itself, and fails at what tools gave back', async () => {
    const props: unknown = await (await fetch(`${server.url}/props`)).json()
    expect(at(props, 'chat_template_caps', 'supports_tools')).toBe(false)
    expect((await post(server.url)).ok).toBe(false)
  })

  test('answers the same history behind llmr, with the tools in its prompt', async () => {
    const response = await post(gateway.url)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-llmr-lane')).toBe('injected')
    const reply: unknown = await response.json()
    expect(textAt(reply, 'choices', 0, 'message', 'content')).toMatch(/\w/)
    expect(at(reply, 'usage', 'prompt_tokens')).toBeGreaterThan(100)
  })
})

const path = { type: 'object', properties: { path: { type: 'string', enum: ['a.ts', 'b.ts'] } }, required: ['path'] }
const tools = [{ type: 'function', function: { name: 'read_file', parameters: path } }]
/** Random weights end no object by themselves; this makes its end likely wherever it is allowed. */
const endsObjects = { logit_bias: [['}', 9]] }

describe.skipIf('skip' in engine)('a real llama-server with a model that begins calls and cannot write them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-'))
  let server: RunningLlamaServer
  let gateway: TestGateway

  beforeAll(async () => {
    const model = join(folder, 'tiny-calls.gguf')
    writeFileSync(model, tinyGguf({ name: 'tiny-calls', callBias: 12 }))
    const program = 'path' in engine ? engine.path : ''
    server = await startLlamaServer(program, ['-m', model, '-c', '4096', '-np', '1', '--alias', 'tiny'])
    gateway = await startTestGateway(`backends: { real: { url: "${server.url}", kind: llama.cpp } }`)
  })

  afterAll(async () => {
    await gateway.close()
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const ask = (more: object, lane = 'raw') =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-llmr-lane': lane },
      body: JSON.stringify({
        model: 'tiny',
        max_tokens: 200,
        messages: [{ role: 'user', content: 'Read it.' }],
        tools,
        ...endsObjects,
        ...more,
      }),
    })

  test.each([1, 2, 3])('in the raw lane its calls are calls to the tools there are (seed %i)', async (seed) => {
    const response = await ask({ seed })
    expect(response.headers.get('x-llmr-lane')).toBe('raw')
    const choice = at(await response.json(), 'choices', 0)
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } })
    expect(textAt(choice, 'message', 'tool_calls', 0, 'function', 'name')).toBe('read_file')
    expect(JSON.parse(textAt(choice, 'message', 'tool_calls', 0, 'function', 'arguments') ?? '')).toBeTypeOf('object')
  })

  test('in the injected lane too, where the grammar waits for the form that it was told', async () => {
    const response = await ask({ seed: 4 }, 'injected')
    expect(response.headers.get('x-llmr-lane')).toBe('injected')
    const choice = at(await response.json(), 'choices', 0)
    expect(textAt(choice, 'finish_reason')).toBe('tool_calls')
    expect(textAt(choice, 'message', 'tool_calls', 0, 'function', 'name')).toBe('read_file')
  })

  test('a stream of it has its usage and its end', async () => {
    const text = await (await ask({ stream: true, seed: 5, stream_options: { include_usage: true } })).text()
    expect(text).toContain('"finish_reason":"tool_calls"')
    expect(text).toMatch(/"prompt_tokens":\d\d/)
    expect(text.trimEnd().endsWith('[DONE]')).toBe(true)
  })
})
