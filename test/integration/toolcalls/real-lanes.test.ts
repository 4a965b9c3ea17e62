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
