import { open, rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Clock } from '../../core/clock.ts'
import type { Database, Tables } from '../database.ts'
import { appliedMigrations } from '../migrations/migrate.ts'
import type { BackupHeader } from './backup-format.ts'
import { readTableShapes } from './table-shape.ts'
import type { TableShape } from './table-shape.ts'

export interface BackupOptions {
  /** Compressed when its name ends in `.gz`. Appears only once it is whole; for its owner alone. */
  readonly file: string
  readonly llmrVersion: string
  readonly clock: Clock
}

/** Rows asked for at once: their texts are in memory together. */
const fetchRows = 100

/**
 * Writes everything in the store to a file, as it stands at one moment, while others go on working with it. Rejects with
 * the file's or the database's own error.
 *
 * @returns the number of rows of each table.
 */
export async function writeBackup(
  database: Database,
  options: BackupOptions,
): Promise<Readonly<Record<string, number>>> {
  const { file } = options
  const rows: Record<string, number> = {}
  const unfinished = `${file}.part`
  const output = await open(unfinished, 'w', 0o600)
  try {
    await database.query
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (snapshot) => {
        const lines = Readable.from(backupLines(snapshot, options, rows))
        const sink = output.createWriteStream()
        await (file.endsWith('.gz') ? pipeline(lines, createGzip(), sink) : pipeline(lines, sink))
      })
    await rename(unfinished, file)
    return rows
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  } finally {
    await output.close()
  }
}

async function* backupLines(
  snapshot: Kysely<Tables>,
  { llmrVersion, clock }: BackupOptions,
  rows: Record<string, number>,
): AsyncGenerator<string> {
  const migrations = await appliedMigrations({ query: snapshot })
  const header: BackupHeader = {
    format: 'llmr-store',
    version: 1,
    llmr: llmrVersion,
    createdAt: new Date(clock.now()).toISOString(),
    migrations: migrations.map(({ number, name, sha256 }) => ({ number, name, sha256 })),
  }
  yield `${JSON.stringify(header)}\n`
  // Values are read back under the same settings, whatever those of the database are.
  await sql
    .raw("set local timezone = 'UTC'; set local datestyle = 'ISO'; set local bytea_output = 'hex'")
    .execute(snapshot)
  for (const table of await readTableShapes(snapshot)) {
    rows[table.name] = 0
    yield `${JSON.stringify({ table: table.name, columns: table.columns.map(({ name }) => name) })}\n`
    for await (const row of readRows(snapshot, table)) {
      rows[table.name] = (rows[table.name] ?? 0) + 1
      yield `${JSON.stringify(row)}\n`
    }
  }
  yield `${JSON.stringify({ end: Object.values(rows).reduce((sum, count) => sum + count, 0) })}\n`
}

async function* readRows(snapshot: Kysely<Tables>, { name, columns }: TableShape): AsyncGenerator<readonly unknown[]> {
  const texts = sql.join(columns.map((column, index) => sql`${sql.ref(column.name)}::text as ${sql.ref(`c${index}`)}`))
  await sql`declare backup_rows no scroll cursor for select ${texts} from ${sql.table(`llmr.${name}`)}`.execute(
    snapshot,
  )
  for (;;) {
    const { rows } = await sql
      .raw<Readonly<Record<string, string | null>>>(`fetch ${fetchRows} from backup_rows`)
      .execute(snapshot)
    for (const row of rows) yield columns.map((_, index) => row[`c${index}`])
    if (rows.length < fetchRows) break
  }
  await sql.raw('close backup_rows').execute(snapshot)
}
