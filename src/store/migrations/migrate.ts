import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Database, Tables } from '../database.ts'
import { StoreError } from '../store-error.ts'
import type { Migration } from './migration-files.ts'
import { planMigrations } from './plan-migrations.ts'
import type { AppliedMigration } from './plan-migrations.ts'

/** Any number, so long as nobody else who shares the database takes the same: `llmr` in ASCII. */
const lockKey = 0x6c6c6d72

/** Another process that migrates is waited for so long. */
const lockTimeoutMs = 300_000

export interface MigrateOptions {
  readonly known: readonly Migration[]
  /** This llmr's, noted beside each migration. */
  readonly llmrVersion: string
}

/** What the database has behind it; creates nothing. */
export async function appliedMigrations({ query }: Pick<Database, 'query'>): Promise<readonly AppliedMigration[]> {
  const { rows: found } = await sql<{ exists: boolean }>`
    select to_regclass('llmr.migration') is not null as exists`.execute(query)
  return found[0]?.exists === true ? readApplied(query) : []
}

/**
 * Brings the schema up to date, in one transaction: all of it or nothing. Processes that start at the same time take
 * turns, and all but the first find nothing left to do.
 *
 * @returns what was applied.
 * @throws StoreError `schema_too_new`, `migration_changed`, `migration_failed`
 */
export async function migrate(database: Database, options: MigrateOptions): Promise<readonly Migration[]> {
  return database.query.transaction().execute((transaction) => migrateWithin(transaction, options))
}

/** The same inside a transaction of the caller's. */
export async function migrateWithin(
  transaction: Kysely<Tables>,
  { known, llmrVersion }: MigrateOptions,
): Promise<readonly Migration[]> {
  await prepare(transaction)
  const pending = planMigrations({ known, applied: await readApplied(transaction) })
  for (const migration of pending) {
    await apply(transaction, migration)
    await sql`insert into llmr.migration (number, name, sha256, applied_by)
      values (${migration.number}, ${migration.name}, ${migration.sha256}, ${llmrVersion})`.execute(transaction)
  }
  return pending
}

async function prepare(transaction: Kysely<Tables>): Promise<void> {
  try {
    await sql.raw(`set local statement_timeout = 0; set local lock_timeout = ${lockTimeoutMs}`).execute(transaction)
    await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction)
    await sql
      .raw(
        `create schema if not exists llmr;
         create table if not exists llmr.migration (
           number integer primary key,
           name text not null,
           sha256 text not null,
           applied_at timestamptz not null default now(),
           applied_by text not null
         )`,
      )
      .execute(transaction)
  } catch (cause) {
    throw failed('The schema llmr cannot be prepared', cause)
  }
}

async function apply(transaction: Kysely<Tables>, { name, text }: Migration): Promise<void> {
  try {
    await sql.raw(text).execute(transaction)
  } catch (cause) {
    throw failed(`Migration ${name} failed and nothing was changed`, cause)
  }
}

function failed(what: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError(
    'migration_failed',
    `${what}: ${reason}. The user of the database must own it or be allowed to create schemas and extensions in it.`,
    { cause },
  )
}

async function readApplied(query: Kysely<Tables>): Promise<readonly AppliedMigration[]> {
  const { rows } = await sql<AppliedMigration>`
    select number, name, sha256, applied_at as "appliedAt", applied_by as "appliedBy"
    from llmr.migration order by number`.execute(query)
  return rows
}
