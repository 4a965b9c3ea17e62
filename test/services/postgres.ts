import { randomBytes } from 'node:crypto'

import { Client } from 'pg'

import { startService } from './start-service.ts'

export interface RunningPostgres {
  /** Makes an empty database and resolves to its address. */
  createDatabase(): Promise<string>
  /** Takes away the databases it made, and the server if it was started for this. May be called twice. */
  close(): Promise<void>
}

/**
 * A real PostgreSQL with pgvector: the one that `DATABASE_URL` names, or one that is fetched where that is allowed and
 * started for this, or the reason why there is none. With `LLMR_TEST_REQUIRE=all` a reason is not good enough and becomes
 * an error.
 */
export async function realPostgres(): Promise<RunningPostgres | { readonly skip: string }> {
  const named = process.env['DATABASE_URL']
  if (named) return databasesOn(named, () => Promise.resolve())
  const service = await startService('postgres.sh')
  if ('skip' in service) return service
  return databasesOn(`postgresql://llmr:llmr@127.0.0.1:${service.port}/postgres`, service.stop)
}

function databasesOn(serverUrl: string, stop: () => Promise<void>): RunningPostgres {
  const made: string[] = []
  return {
    async createDatabase() {
      const name = `llmr_test_${randomBytes(6).toString('hex')}`
      await run(serverUrl, `create database ${name}`)
      made.push(name)
      const url = new URL(serverUrl)
      url.pathname = `/${name}`
      return url.href
    },
    async close() {
      for (const name of made.splice(0)) await run(serverUrl, `drop database if exists ${name} with (force)`)
      await stop()
    },
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}
