import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterAll, describe, expect, test } from 'vitest'

import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { realNats } from '../../services/nats.ts'
import { realPostgres } from '../../services/postgres.ts'
import { startFakeEmbedder } from '../../support/fake-embedder.ts'
import { turnEvent } from '../../support/turn-events.ts'

const [nats, postgres] = await Promise.all([realNats(), realPostgres()])
const skip = 'skip' in nats ? nats.skip : 'skip' in postgres ? postgres.skip : undefined

afterAll(async () => {
  if (!('skip' in nats)) await nats.close()
  if (!('skip' in postgres)) await postgres.close()
})

describe.skipIf(skip !== undefined)('a worker that is killed', () => {
  test('between commit and acknowledgement, again and again, loses nothing and doubles nothing (N3.4)', async () => {
    if ('skip' in nats || 'skip' in postgres) throw new Error(skip)
    const databaseUrl = await postgres.createDatabase()
    const work = (commits: number) => runProcess('persist-process.ts', [nats.url, databaseUrl, String(commits)])
    const run = `killed-${process.pid}-${Date.now()}`
    const count = 1_000
    const bus = await openJetStreamBus({ url: nats.url, clientName: 'test' })
    await bus.removeConsumer('persist')
    await bus.publish(Array.from({ length: count }, (_, n) => turnEvent(`${run}/${n}`)))
    await bus.close()
    expect(await work(1)).toBe('SIGKILL')
    expect(await work(3)).toBe('SIGKILL')
    expect(await work(1)).toBe('SIGKILL')
    expect(await work(0)).toBe(0)
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    const { rows } = await client.query(
      `select count(distinct turn.id)::int as turns, count(distinct reply.id)::int as replies, count(*)::int as calls
       from llmr.reply join llmr.turn on turn.id = reply.turn join llmr.tool_call on tool_call.reply = reply.id
       where request_id like $1`,
      [`${run}/%`],
    )
    await client.end()
    expect(rows).toEqual([{ turns: count, replies: count, calls: count }])
  })

  test('asks again for what follows, and every round gets one vector, for which the model was asked once (N3.4)', async () => {
    if ('skip' in nats || 'skip' in postgres) throw new Error(skip)
    const databaseUrl = await postgres.createDatabase()
    await using embedder = await startFakeEmbedder()
    const persist = (commits: number) => runProcess('persist-process.ts', [nats.url, databaseUrl, String(commits)])
    const embed = (commits: number) =>
      runProcess('embed-process.ts', [nats.url, databaseUrl, String(commits), embedder.url])
    const run = `embedded-${process.pid}-${Date.now()}`
    const count = 300
    const bus = await openJetStreamBus({ url: nats.url, clientName: 'test' })
    for (const name of ['persist', 'embed']) await bus.removeConsumer(name)
    const said = (n: number) => ({ userText: `question ${n} of ${run}`, toolCalls: [] })
    await bus.publish(Array.from({ length: count }, (_, n) => turnEvent(`${run}/${n}`, said(n))))
    await bus.close()
    expect(await persist(1)).toBe('SIGKILL')
    expect(await persist(0)).toBe(0)
    expect(await embed(1)).toBe('SIGKILL')
    expect(await embed(2)).toBe('SIGKILL')
    expect(await embed(0)).toBe(0)
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    const { rows } = await client.query(
      `select count(*)::int as vectors from llmr.embedding join llmr.chat_pair using (request_id) where request_id like $1`,
      [`${run}/%`],
    )
    await client.end()
    expect(rows).toEqual([{ vectors: count }])
    const asked = embedder.calls.flat().filter((text) => text.includes(run))
    expect(asked).toHaveLength(count)
    expect(new Set(asked).size).toBe(count)
  })
})

async function runProcess(file: string, args: readonly string[]): Promise<string | number | null> {
  const command = [join(import.meta.dirname, file), ...args]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? code
}
