import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { eventsOf, postChat } from '../../support/chat.ts'
import { startLlmr } from '../../support/llmr-process.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { startTestGateway } from '../../support/start-gateway.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const keep = closeAfterEach()

test('a reload cuts no stream, not even one of a backend that is taken away (N2.9)', async () => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const script = () => ({ content: ['a', 'b'], beforePiece: (index: number) => (index === 1 ? hold : undefined) })
  const leaving = keep(await startSimulatedEngine({ script }))
  const staying = keep(await startSimulatedEngine())
  const gateway = keep(await startTestGateway(`backends: { leaving: { url: "${leaving.url}", kind: llama.cpp } }`))
  const stream = await postChat(gateway.url, { stream: true })
  await gateway.reconfigure(`backends: { staying: { url: "${staying.url}", kind: llama.cpp } }`)
  const next = await postChat(gateway.url)
  expect(next.headers.get('x-llmr-backend')).toBe('staying')
  await next.arrayBuffer()
  release()
  expect((await eventsOf(stream)).at(-1)).toBe('[DONE]')
})

test('a backend that did not change keeps its connections and what is known of it', async () => {
  const engine = keep(await startSimulatedEngine())
  const backends = `backends: { sim: { url: "${engine.url}", kind: llama.cpp } }`
  const gateway = keep(await startTestGateway(backends))
  const before = gateway.fleet.get('sim')
  await gateway.reconfigure(`${backends}\nmodels: { alias: { upstream: simulated } }`)
  expect(gateway.fleet.get('sim')).toBe(before)
  expect((await postChat(gateway.url, { model: 'alias' })).status).toBe(200)
})

test('limits of the edge count from the next request on', async () => {
  const gateway = keep(await startTestGateway(''))
  const messages = [{ role: 'user', content: 'x'.repeat(2_000) }]
  expect((await postChat(gateway.url, { messages })).status).toBe(200)
  await gateway.reconfigure('listen: { max_body: 1KiB }')
  expect((await postChat(gateway.url, { messages })).status).toBe(413)
})

test('a profile file beside llmr.yaml is followed like it, and one that comes later is noticed', async () => {
  const folder = temporaryFolder()
  const config = join(folder, 'llmr.yaml')
  const profiles = join(folder, 'profiles', 'mine.yaml')
  mkdirSync(join(folder, 'profiles'))
  writeFileSync(config, '')
  const profile = (name: string) => `profiles: { ${name}: { engine: command, command: "sleep 60", vram: 1MiB } }\n`
  writeFileSync(profiles, profile('before'))
  const llmr = keep(await startLlmr({ args: ['--config', config], dataDirectory: folder }))
  expect(await modelNames(llmr.url)).toEqual(['before'])

  writeFileSync(profiles, profile('after'))
  await llmr.logged('the configuration was reloaded')
  expect(await modelNames(llmr.url)).toEqual(['after'])

  writeFileSync(join(folder, 'profiles', 'more.yaml'), profile('more'))
  await llmr.logged('the configuration was reloaded', 2)
  expect(await modelNames(llmr.url)).toEqual(['after', 'more'])
})

async function modelNames(url: string): Promise<unknown> {
  const response = await fetch(`${url}/v1/models`)
  const { data } = (await response.json()) as { data: { id: string }[] }
  return data.map(({ id }) => id)
}
