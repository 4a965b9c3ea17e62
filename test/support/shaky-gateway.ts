import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { realPostgres } from '../services/postgres.ts'
import { startService } from '../services/start-service.ts'
import { startSimulatedEngine } from '../../src/sim/simulated-engine.ts'
import { postChat } from './chat.ts'
import { startLlmr } from './llmr-process.ts'
import { type StallingProxy, stallingProxy } from './stalling-proxy.ts'

/** What a gateway with all of memory leans on. */
export const leanedOn = ['nats', 'postgres', 'embedder'] as const

export interface ShakyGateway {
  readonly url: string
  /** The ways to these, which can be made to hang. */
  readonly ways: Readonly<Record<(typeof leanedOn)[number], StallingProxy>>
  /** The gateway alone, in good order; resolves with its exit code. */
  end(): Promise<number | null>
  /** Everything. */
  close(): Promise<void>
}

/** A gateway as a process, whose every helper is behind a proxy; or why there is none. */
export async function startShakyGateway(): Promise<ShakyGateway | { readonly skip: string }> {
  const [nats, postgres] = await Promise.all([startService('nats.sh'), realPostgres()])
  if ('skip' in nats) return nats
  if ('skip' in postgres) return postgres
  const engine = await startSimulatedEngine({ timeScale: 0, slots: 8 })
  const embedder = await startSimulatedEngine({ timeScale: 0, slots: 8, model: 'embedder', embeddings: true })
  const database = new URL(await postgres.createDatabase())
  const ways = {
    nats: await stallingProxy({ host: '127.0.0.1', port: nats.port }),
    postgres: await stallingProxy({ host: database.hostname, port: Number(database.port) }),
    embedder: await stallingProxy({ host: '127.0.0.1', port: Number(new URL(embedder.url).port) }),
  }
  database.port = String(ways.postgres.port)
  const dataDirectory = mkdtempSync(join(tmpdir(), 'llmr-shaky-'))
  const configFile = join(dataDirectory, 'llmr.yaml')
  writeFileSync(configFile, configText({ engineUrl: engine.url, embedderPort: ways.embedder.port }))
  const llmr = await startLlmr({
    dataDirectory,
    args: ['--config', configFile],
    env: { ...process.env, NATS_URL: `nats://127.0.0.1:${ways.nats.port}`, DATABASE_URL: database.href },
  })
  return {
    url: llmr.url,
    ways,
    end: () => llmr.close(),
    async close() {
      for (const way of Object.values(ways)) way.resume()
      await llmr.close()
      for (const one of [...Object.values(ways), engine, embedder]) await one.close()
      await Promise.all([nats.stop(), postgres.close()])
      rmSync(dataDirectory, { recursive: true })
    },
  }
}

function configText({ engineUrl, embedderPort }: { engineUrl: string; embedderPort: number }): string {
  return `
memory:
  keep: on
  embeddings: { model: embedder, url: "http://127.0.0.1:${embedderPort}" }
backends: { engine: { url: "${engineUrl}", kind: llama.cpp } }
`
}

export interface Asked {
  readonly failed: number
  /** From the request to the end of its reply, sorted. */
  readonly tookMs: readonly number[]
}

/** So many chats, one after the other, each of which goes on in a conversation of which its client sends only the last message. */
export async function askChats(
  url: string,
  { count, memory = 'hybrid', name }: { count: number; memory?: 'off' | 'hybrid'; name: string },
): Promise<Asked> {
  const tookMs: number[] = []
  let failed = 0
  for (let n = 0; n < count; n++) {
    const startedMs = performance.now()
    const headers = { 'x-llmr-conversation': name, 'x-llmr-memory': memory }
    const messages = [{ role: 'user', content: `what was said of number ${n} in ${name}?` }]
    const response = await postChat(url, { messages, stream: n % 2 === 0, max_tokens: 8 }, { headers })
    const text = await response.text()
    if (response.status !== 200 || !(n % 2 === 0 ? text.includes('[DONE]') : text.endsWith('}'))) failed += 1
    tookMs.push(performance.now() - startedMs)
  }
  return { failed, tookMs: tookMs.toSorted((one, other) => one - other) }
}
