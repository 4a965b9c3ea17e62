import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { startSimulatedEngine } from '../../../src/sim/simulated-engine.ts'
import { realPostgres } from '../../services/postgres.ts'
import { startService } from '../../services/start-service.ts'
import { postChat } from '../../support/chat.ts'
import { startLlmr } from '../../support/llmr-process.ts'
import { closeAfterEach } from '../../support/resources.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openTestStore, postgresqlAt } from '../store/places.ts'

const keep = closeAfterEach()
const program = join(import.meta.dirname, '../../../bin/run.cjs')
const postgres = await realPostgres()
// A broker of its own: workers of the same name on another one would share what is told here.
const nats = await startService('nats.sh')
const skip = [postgres, nats].flatMap((service) => ('skip' in service ? [service.skip] : []))[0]

afterAll(async () => {
  if (!('skip' in postgres)) await postgres.close()
  if (!('skip' in nats)) await nats.stop()
})

function startWorker(name: string, config: string): { close(): Promise<void> } {
  const child = spawn(process.execPath, [program, 'worker', name, '--config', config], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  return {
    close: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

test.skipIf(skip)(
  'a three-turn chat is answered with context by PostgreSQL, JetStream and three workers of their own, also by a gateway that was not there before',
  async () => {
    if ('skip' in postgres || 'skip' in nats) return
    const databaseUrl = await postgres.createDatabase()
    const engine = keep(await startSimulatedEngine({ model: 'm', embeddings: true }))
    const folder = temporaryFolder()
    const config = join(folder, 'llmr.yaml')
    const model = `{model: m, backend: engine}`
    writeFileSync(
      config,
      `backends: {engine: {url: '${engine.url}'}}\nstore: {url: '${databaseUrl}'}\nevents: {url: 'nats://127.0.0.1:${nats.port}'}\n` +
        `memory: {keep: on, embeddings: ${model}, summaries: {model: m, backend: engine, above: 500}}\n`,
    )
    const store = keep(await openTestStore(postgresqlAt(databaseUrl)))
    for (const name of ['persist', 'embed', 'summarise']) keep(startWorker(name, config))

    const say = async (url: string, content: string) => {
      const headers = { 'x-llmr-conversation': 'my chat' }
      const response = await postChat(url, { model: 'm', messages: [{ role: 'user', content }] }, { headers })
      const text = await response.text()
      return { text, memory: response.headers.get('x-llmr-memory'), id: response.headers.get('x-request-id') ?? '' }
    }
    const first = await startLlmr({ args: ['--config', config], dataDirectory: temporaryFolder() })
    const one = await say(first.url, 'My cat is called Miso.')
    const two = await say(first.url, 'She is four years old.')
    const ids = [one.id, two.id]
    await expect.poll(() => store.turns.known(ids), patience).toEqual(new Set(ids))
    await expect.poll(() => store.embeddings.missing(ids, { model: 'm', dimensions: 768 }), patience).toEqual([])
    await first.close()

    const second = await startLlmr({ args: ['--config', config], dataDirectory: temporaryFolder() })
    keep({ close: async () => void (await second.close()) })
    // Its first request opens the store, and does not wait for that; nor does one on a busy machine.
    await expect.poll(async () => (await say(second.url, 'What is my cat called?')).text, patience).toContain('Miso')
  },
)

const patience = { timeout: 60_000, interval: 100 }
