import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { Client } from 'pg'
import { afterAll, describe, expect, test } from 'vitest'

import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { realNats } from '../../services/nats.ts'
import { realPostgres } from '../../services/postgres.ts'
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
    const work = async (commits: number) => {
      const args = [join(import.meta.dirname, 'persist-process.ts'), nats.url, databaseUrl, String(commits)]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
      return signal ?? code
    }
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
})
