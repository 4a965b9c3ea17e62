import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { Client } from 'pg'

import type { BusEvent } from '../../src/core/bus.ts'
import { writeFlowEvent } from '../../src/events/flow-event.ts'
import { openJetStreamBus } from '../../src/events/jetstream/open-jetstream-bus.ts'
import { openTestStore, postgresqlAt } from '../integration/store/places.ts'
import { realPostgres } from '../services/postgres.ts'
import { startService } from '../services/start-service.ts'
import { turnEvent, turnWith } from '../support/turn-events.ts'

/**
 * node test/bench/pipeline.ts [--turns 10000] [--batch 200] [--concurrency 1] [--unplaced]: events a second from publishing
 * to rows that are committed, with servers of its own and one `llmr worker persist`. Each turn is two events, as ever.
 */
const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '10000' },
    batch: { type: 'string', default: '200' },
    concurrency: { type: 'string', default: '1' },
    unplaced: { type: 'boolean', default: false },
  },
})
const turns = Number(values.turns)
const [nats, postgres] = await Promise.all([startService('nats.sh'), realPostgres()])
if ('skip' in nats || 'skip' in postgres) throw new Error('the servers may not be fetched here')
const natsUrl = `nats://127.0.0.1:${nats.port}`
const databaseUrl = await postgres.createDatabase()
const store = await openTestStore(postgresqlAt(databaseUrl))
const client = new Client({ connectionString: databaseUrl })
await client.connect()
const folder = mkdtempSync(join(tmpdir(), 'llmr-bench-pipeline-'))

const ids = Array.from({ length: turns }, (_, n) => `01a20e08-b122-7165-9704-${String(n).padStart(12, '0')}`)
if (!values.unplaced) await placeAll()
const worker = spawn(
  process.execPath,
  [
    join(import.meta.dirname, '../../bin/run.cjs'),
    'worker',
    'persist',
    '--batch',
    values.batch,
    '--concurrency',
    values.concurrency,
  ],
  {
    env: { ...process.env, NATS_URL: natsUrl, DATABASE_URL: databaseUrl, LLMR_DATA: folder, LLMR_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
)
const bus = await openJetStreamBus({ url: natsUrl, clientName: 'bench' })
while ((await bus.consumers()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50))

const events = ids.flatMap((id) => [turnOf(id), lineageOf(id)])
const startedMs = performance.now()
for (let at = 0; at < events.length; at += 256) await bus.publish(events.slice(at, at + 256))
const publishedMs = performance.now()
while (!(await isAllKept())) await new Promise((resolve) => setTimeout(resolve, 50))
const endedMs = performance.now()

console.log(
  `${events.length} events of ${Math.round(bytesOf(events) / events.length)} bytes, ${values.unplaced ? 'unplaced' : 'placed'}`,
)
console.log(`published at ${rate(publishedMs - startedMs)}/s, persisted at ${rate(endedMs - startedMs)}/s end to end`)

worker.kill('SIGTERM')
await once(worker, 'exit')
await bus.close()
await client.end()
await store.close()
await Promise.all([nats.stop(), postgres.close()])
rmSync(folder, { recursive: true })

function turnOf(id: string): BusEvent {
  const text = `Say something about ${id}. `.repeat(4)
  return turnEvent(id, {
    input: [{ role: 'user', parts: [{ type: 'text', text }] }],
    toolCalls: [],
    output: [{ type: 'text', text }],
  })
}

function lineageOf(requestId: string): BusEvent {
  const steps = (['request', 'classify', 'resolve', 'route', 'generate'] as const).map((type, n) => ({
    type,
    startedUs: n * 100,
    durationUs: 90,
    facts: { backend: 'box', model: 'm' },
  }))
  return writeFlowEvent(
    {
      requestId,
      correlationId: requestId,
      tenant: 'default',
      principal: 'ada',
      operation: 'chat',
      status: 200,
      startedAtMs: Date.now(),
      durationMs: 12,
      steps,
      edges: steps.slice(1).map((_, n) => ({ from: n, to: n + 1, relation: 'informed-by' as const })),
      sources: [],
    },
    { instanceId: 'bench' },
  )
}

/** As gateways do while a request runs. */
async function placeAll(): Promise<void> {
  const left = [...ids]
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const { tenant, principal, claims, ...turn } = turnWith({ requestId: id })
        await store.conversations.put(
          { ...turn, scope: { tenant, principal }, keepMs: 86_400_000 },
          {
            conversation: { type: 'new' },
            turn: { type: 'child', parentReply: undefined, depth: 1, words: claims.current },
            showsHistory: false,
          },
        )
      }
    }),
  )
}

async function isAllKept(): Promise<boolean> {
  const { rows } = await client.query<{ replies: number; flows: number }>(
    `select (select count(*)::int from llmr.reply where output is not null) as replies,
            (select count(*)::int from llmr.flow) as flows`,
  )
  return rows[0]?.replies === turns && rows[0].flows === turns
}

function bytesOf(list: readonly BusEvent[]): number {
  return list.reduce((sum, event) => sum + JSON.stringify(event.body).length, 0)
}

function rate(ms: number): number {
  return Math.round(events.length / (ms / 1_000))
}
