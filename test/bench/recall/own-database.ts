import { sql } from 'kysely'

import { silentLogger } from '../../../src/core/logger.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { postgresqlAt } from '../../integration/store/places.ts'

export interface OwnDatabase {
  readonly url: string
  /** It was not there before. */
  readonly isNew: boolean
  drop(): Promise<void>
}

/** A database of this name beside the one that the address names. @throws Error without an address */
export async function ownDatabase(address: string | undefined, name: string): Promise<OwnDatabase> {
  if (address === undefined || address === '') throw new Error('expected DATABASE_URL, the address of a PostgreSQL')
  const url = new URL(address)
  url.pathname = `/${name}`
  const isNew = await within(address, async (query) => {
    const { rows } = await sql`select from pg_database where datname = ${name}`.execute(query)
    if (rows.length > 0) return false
    await sql`create database ${sql.id(name)}`.execute(query)
    return true
  })
  return {
    url: url.href,
    isNew,
    drop: () =>
      within(address, async (query) => {
        await sql`drop database ${sql.id(name)} with (force)`.execute(query)
      }),
  }
}

async function within<Result>(
  address: string,
  work: (query: Awaited<ReturnType<typeof openDatabase>>['query']) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ ...postgresqlAt(address), statementTimeoutMs: 600_000 }, silentLogger)
  try {
    return await work(database.query)
  } finally {
    await database.close()
  }
}
