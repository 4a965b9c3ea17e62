import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { readFlows } from '../../../src/cli/format-flow.ts'
import { postChat } from '../../support/chat.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'
import { type LlmrProcess, startLlmr } from '../../support/llmr-process.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { realLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'

const keep = closeAfterEach()
let server: Awaited<ReturnType<typeof realLlamaServer>>

beforeAll(async () => {
  server = await realLlamaServer()
}, 120_000)

/** `llmr serve` that remembers by real models of its own, with memory for one of them at a time. */
async function start(dimensions: number): Promise<LlmrProcess> {
  const folder = await emptyPglite()
  writeFileSync(join(folder, 'talks.gguf'), tinyGguf({ name: 'talks' }))
  writeFileSync(join(folder, 'embeds.gguf'), tinyGguf({ name: 'embeds', pooling: 'mean' }))
  const binary = 'path' in server ? server.path : ''
  writeFileSync(
    join(folder, 'llmr.yaml'),
    `profiles:
  base: { template: true, binary: "${binary}", context: 8192, parallel: 1, vram: 1GiB, loading_state: off }
  talks: { extends: base, model: talks.gguf, flags: { threads: 1 } }
  embeds:
    extends: base
    model: embeds.gguf
    capabilities: [embedding]
    flags: { threads: 1, embeddings: true, batch-size: 8192, ubatch-size: 8192 }
scheduling: { pools: { ram: 1GiB } }
store: { request_timeout: 30s }
memory:
  keep: on
  embeddings: { model: embeds, dimensions: ${dimensions} }
  summaries: { model: talks, above: 500 }
`,
  )
  return keep(await startLlmr({ args: ['--config', join(folder, 'llmr.yaml')], dataDirectory: folder }))
}

/** Resolves to the request's id. */
async function say({ url }: LlmrProcess, content: string): Promise<string> {
  const messages = [{ role: 'user', content }]
  const headers = { 'x-llmr-conversation': 'c' }
  const response = await postChat(url, { model: 'talks', messages, max_tokens: 12 }, { headers })
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
  return response.headers.get('x-request-id') ?? ''
}

async function stepsOf({ url }: LlmrProcess, requestId: string) {
  const [flow] = readFlows(await (await fetch(`${url}/llmr/v1/flows?id=${requestId}`)).json())
  return flow?.steps ?? []
}

function requestsOf(llmr: LlmrProcess, operation: string): readonly Readonly<Record<string, unknown>>[] {
  return llmr
    .stdout()
    .split('\n')
    .filter((line) => line.includes('"msg":"request"') && line.includes(`"operation":"${operation}"`))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}

test('rounds are embedded and a long conversation summed up by models that take turns with the one that chats', async (context) => {
  if (!('path' in server)) return context.skip(server.skip)
  const llmr = await start(64)
  const ids: string[] = []
  for (let n = 0; n < 5; n++) ids.push(await say(llmr, `${n} ${'boat '.repeat(200)}`))
  const types = async () =>
    new Set((await Promise.all(ids.map((id) => stepsOf(llmr, id)))).flat().map(({ type }) => type))
  const poll = { timeout: 60_000, interval: 250 }
  await expect.poll(types, poll).toContain('summarise')
  for (const id of ids) {
    const embedded = async () => (await stepsOf(llmr, id)).find(({ type }) => type === 'embed')
    await expect.poll(embedded, poll).toMatchObject({ ref: 'embeds', facts: { dimensions: 64 } })
  }
  const asked = requestsOf(llmr, 'chat').filter(({ principal }) => principal === 'llmr-commands')
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.every(({ kind, status }) => kind === 'background' && status === 200)).toBe(true)
  expect(await llmr.close()).toBe(0)
}, 180_000)

test('vectors of another length are kept nowhere, the log says which length it is, and chats go on', async (context) => {
  if (!('path' in server)) return context.skip(server.skip)
  const llmr = await start(32)
  const id = await say(llmr, 'My cat is called Miso.')
  await llmr.logged('set memory.embeddings.dimensions to 64')
  await say(llmr, 'What is she called?')
  expect((await stepsOf(llmr, id)).map(({ type }) => type)).not.toContain('embed')
  expect(await llmr.close()).toBe(0)
}, 120_000)
