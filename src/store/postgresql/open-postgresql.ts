import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'

import type { Logger } from '../../core/logger.ts'
import { schemaName } from '../database.ts'
import type { Database, Tables } from '../database.ts'
import { settledWithin } from '../../core/settled-within.ts'
import { StoreError } from '../store-error.ts'
import { checkServer } from './check-server.ts'
import type { ServerFacts } from './check-server.ts'
import { discardingPool } from './discarding-pool.ts'
import { StatementNames } from '../statement-names.ts'
import { everyTenant } from '../every-tenant.ts'

export interface PostgresqlOptions {
  /** `postgres://user:password@host:port/name`, with the options that `pg` knows, such as `sslmode`. */
  readonly url: string
  readonly connectionsMax: number
  /** The server ends a statement that takes longer; llmr stops waiting a second later. */
  readonly statementTimeoutMs: number
  readonly logger: Logger
}

const connectTimeoutMs = 5_000

const idleTimeoutMs = 60_000

/** Work in hand is waited for; a server that has stopped answering is not. */
const closeTimeoutMs = 10_000

/** @throws StoreError `database_unreachable`, `database_too_old`, `pgvector_missing` */
export async function openPostgresql(options: PostgresqlOptions): Promise<Database> {
  const { logger } = options
  const pool = new Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 1_000,
    application_name: 'llmr',
    keepAlive: true,
  })
  // A connection that the server cuts is replaced when one is needed; whoever uses it gets an error of its own. Without
  // these listeners, one for idle connections and one for those lent out, it would end the process.
  const noteCut = (err: Error): void => logger.debug({ err }, 'a database connection was cut')
  pool.on('error', noteCut)
  pool.on('connect', (client) => client.on('error', noteCut))
  const names = new StatementNames()
  const within = (tenant: string): Kysely<Tables> => {
    // Requests ask the same again and again; workers and operators ask for much or little, and are planned for.
    const sessions = discardingPool(pool, tenant, tenant === everyTenant ? undefined : names)
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: () => Promise.resolve(sessions) }) })
  }
  const kysely = within(everyTenant)
  const place = placeOf(options.url)
  let closing: Promise<unknown> | undefined
  const close = async (): Promise<void> => {
    await (closing ??= settledWithin(pool.end(), closeTimeoutMs))
  }
  try {
    const facts = await askServer(kysely, place)
    for (const advice of checkServer(facts)) logger.warn({ database: place }, advice)
    return {
      engine: 'postgresql',
      version: facts.version,
      place,
      query: kysely.withSchema(schemaName),
      within: (tenant) => within(tenant).withSchema(schemaName),
      isClosed: () => closing !== undefined,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function askServer(kysely: Kysely<Tables>, place: string): Promise<ServerFacts> {
  try {
    const { rows } = await sql<{ number: string; version: string; pgvector: string | null; unbound: string | null }>`
      select
        current_setting('server_version_num') as number,
        current_setting('server_version') as version,
        (select coalesce(installed_version, default_version)
           from pg_available_extensions where name = 'vector') as pgvector,
        (select rolname from pg_roles
           where rolname = current_user and (rolsuper or rolbypassrls)) as unbound`.execute(kysely)
    const [row] = rows
    return {
      versionNumber: Number(row?.number),
      version: row?.version.split(' ')[0] ?? '',
      pgvector: row?.pgvector ?? undefined,
      unboundUser: row?.unbound ?? undefined,
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError(
      'database_unreachable',
      `The database ${place} does not answer as expected: ${reason}. See that it runs, and that the address, the name ` +
        'and the password in store.url or DATABASE_URL are right.',
      { cause },
    )
  }
}

/** Without user, password and options. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${hostname || 'localhost'}:${port || '5432'}${pathname}`
  } catch {
    return 'in store.url' // pg takes socket paths too, which are no URLs
  }
}
