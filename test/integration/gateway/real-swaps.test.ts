import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, test } from 'vitest'

import { eventsOf, postChat } from '../../support/chat.ts'
import { startLlmr } from '../../support/llmr-process.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { realLlamaServer } from '../../services/llama-server.ts'
import { tinyGguf } from '../../services/tiny-gguf.ts'

const keep = closeAfterEach()
let server: Awaited<ReturnType<typeof realLlamaServer>>

beforeAll(async () => {
  server = await realLlamaServer()
}, 120_000)

/** `llmr serve` as a user starts it, with three profiles of real llama-servers and memory for one. */
async function startWithProfiles(more = '') {
  const folder = temporaryFolder()
  const names = ['alpha', 'beta', 'gamma']
  for (const name of names) writeFileSync(join(folder, `${name}.gguf`), tinyGguf({ name }))
  const binary = 'path' in server ? server.path : ''
  writeFileSync(
    join(folder, 'llmr.yaml'),
    `profiles:
  base: { template: true, binary: "${binary}", context: 8192, parallel: 2${more}, flags: { threads: 1 }, vram: 1GiB, loading_state: off }
${names.map((name) => `  ${name}: { extends: base, model: ${name}.gguf }`).join('\n')}
scheduling: { pools: { ram: 1GiB } }
`,
  )
  return keep(await startLlmr({ args: ['--config', join(folder, 'llmr.yaml')], dataDirectory: folder }))
}

test('three profiles share the memory of one, under mixed traffic to real llama-servers', async (context) => {
  if (!('path' in server)) return context.skip(server.skip)
  const llmr = await startWithProfiles()
  const order = ['alpha', 'beta', 'gamma', 'alpha', 'beta', 'gamma']
  const replies = await Promise.all(
    order.map(async (model, index) => {
      const isStream = index % 2 === 1
      const response = await postChat(llmr.url, { model, max_tokens: 8, stream: isStream })
      expect(response.status).toBe(200)
      if (isStream) expect((await eventsOf(response)).at(-1)).toBe('[DONE]')
      else await response.arrayBuffer()
      return response.headers.get('x-llmr-backend')
    }),
  )
  expect(replies).toEqual(order)
  expect(await llmr.close()).toBe(0)
  // Three loads for six requests: those of one model are served together.
  const loads = llmr
    .stdout()
    .split('\n')
    .filter((line) => line.includes('"a model is loaded"'))
  expect(loads).toHaveLength(3)
})

interface Told {
  readonly usage: {
    readonly prompt_tokens: number
    readonly prompt_tokens_details?: { readonly cached_tokens: number }
  }
}

test('a conversation that was swapped out is not read again when it goes on', async (context) => {
  if (!('path' in server)) return context.skip(server.skip)
  const llmr = await startWithProfiles(', save_slots: true')
  const first = { role: 'user', content: Array.from({ length: 900 }, (_, index) => `word ${index}`).join(' ') }
  const ask = async (model: string, messages: readonly unknown[]): Promise<Told> => {
    const response = await postChat(llmr.url, { model, messages, max_tokens: 4 })
    expect(response.status).toBe(200)
    return (await response.json()) as Told
  }
  const { usage: before } = await ask('alpha', [first])
  expect(before.prompt_tokens).toBeGreaterThan(2_000)
  await ask('beta', [{ role: 'user', content: 'somebody else' }])
  const { usage: after } = await ask('alpha', [
    first,
    { role: 'assistant', content: 'so' },
    { role: 'user', content: 'and?' },
  ])
  expect(after.prompt_tokens_details?.cached_tokens).toBeGreaterThan(before.prompt_tokens - 10)
  await llmr.close()
})
