import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Database, Tables } from '../database.ts'
import { migrateWithin } from '../migrations/migrate.ts'
import type { Migration } from '../migrations/migration-files.ts'
import { planMigrations } from '../migrations/plan-migrations.ts'
import { StoreError } from '../store-error.ts'
import { parseBackupLine, parseHeader, unreadable } from './backup-format.ts'
import type { BackupHeader } from './backup-format.ts'
import { readTableShapes } from './table-shape.ts'
import type { ColumnShape } from './table-shape.ts'

export interface RestoreOptions {
  readonly file: string
  readonly known: readonly Migration[]
  readonly llmrVersion: string
}

/** What one statement inserts is in memory several times. */
const batchRows = 200
const batchCharacters = 4_000_000

/**
 * Puts back what a backup holds into a store that holds nothing, on either engine, and brings it up to date. All of it or
 * nothing.
 *
 * @returns the number of rows of each table.
 * @throws StoreError `store_not_empty`, `backup_unreadable`, `schema_too_new` for a backup of a newer llmr.
 */
export async function restoreBackup(
  database: Database,
  { file, known, llmrVersion }: RestoreOptions,
): Promise<Readonly<Record<string, number>>> {
  const lines = readLines(file)
  const first = await lines.next()
  const header = parseHeader(first.done === true ? '' : first.value)
  const then = schemaOf(header, known)
  return database.query.transaction().execute(async (transaction) => {
    await requireEmpty(transaction)
    // The tables are made as they were when the backup was, filled, and then brought forward like any others.
    await sql.raw('drop schema if exists llmr cascade').execute(transaction)
    await migrateWithin(transaction, { known: then, llmrVersion })
    // Tables that refer to each other are whole only once both are filled. A table with checks to come cannot be changed.
    await sql.raw('set constraints all deferred').execute(transaction)
    const rows = await insertLines(transaction, lines)
    await sql.raw('set constraints all immediate').execute(transaction)
    await migrateWithin(transaction, { known, llmrVersion })
    return rows
  })
}

function schemaOf({ migrations, llmr }: BackupHeader, known: readonly Migration[]): readonly Migration[] {
  const applied = migrations.map((one) => ({ ...one, appliedAt: new Date(0), appliedBy: llmr }))
  const later = new Set(planMigrations({ known, applied }))
  return known.filter((migration) => !later.has(migration))
}

async function requireEmpty(transaction: Kysely<Tables>): Promise<void> {
  for (const { name } of await readTableShapes(transaction)) {
    const { rows } = await sql`select 1 from ${sql.table(`llmr.${name}`)} limit 1`.execute(transaction)
    if (rows.length === 0) continue
    throw new StoreError(
      'store_not_empty',
      `The store holds something already (table ${name}), and a backup is put back only into an empty one. Choose ` +
        'another data folder or database, or back this one up and move it away.',
    )
  }
}

async function insertLines(
  transaction: Kysely<Tables>,
  lines: AsyncGenerator<string>,
): Promise<Readonly<Record<string, number>>> {
  const shapes = new Map((await readTableShapes(transaction)).map((shape) => [shape.name, shape]))
  const rows: Record<string, number> = {}
  let table: TableFiller | undefined
  let end: number | undefined
  for await (const text of lines) {
    const line = parseBackupLine(text)
    if (end !== undefined) throw unreadable('it goes on after its end')
    if (line.type === 'row') {
      if (table === undefined) throw unreadable('it has rows before the first table')
      await table.add(line.values, text.length)
      rows[table.name] = (rows[table.name] ?? 0) + 1
      continue
    }
    await table?.finish()
    table = undefined
    if (line.type === 'end') {
      end = line.rows
      continue
    }
    const columns = line.columns.map((name) => shapes.get(line.table)?.columns.find((column) => column.name === name))
    if (!columns.every((column) => column !== undefined)) {
      throw unreadable(`it has columns of table ${line.table} that its own migrations do not`)
    }
    table = new TableFiller(transaction, line.table, columns)
    rows[line.table] = 0
  }
  const found = Object.values(rows).reduce((sum, count) => sum + count, 0)
  if (end === undefined) throw unreadable('it has no end: it was cut off')
  if (end !== found) throw unreadable(`it should have ${end} rows, and has ${found}`)
  return rows
}

/** Collects rows of one table and inserts many at a time. */
class TableFiller {
  readonly name: string
  readonly #transaction: Kysely<Tables>
  readonly #columns: readonly ColumnShape[]
  #rows: (readonly (string | null)[])[] = []
  #characters = 0

  constructor(transaction: Kysely<Tables>, name: string, columns: readonly ColumnShape[]) {
    this.#transaction = transaction
    this.name = name
    this.#columns = columns
  }

  async add(values: readonly (string | null)[], characters: number): Promise<void> {
    if (values.length !== this.#columns.length) throw unreadable(`a row of table ${this.name} has not its columns`)
    this.#rows.push(values)
    this.#characters += characters
    if (this.#rows.length >= batchRows || this.#characters >= batchCharacters) await this.#flush()
  }

  /** The next row made by the database itself must not get the number of one that was put back. */
  async finish(): Promise<void> {
    await this.#flush()
    for (const { name } of this.#columns.filter(({ isIdentity }) => isIdentity)) {
      await sql`select setval(pg_get_serial_sequence(${`llmr.${this.name}`}, ${name}), max(${sql.ref(name)}))
        from ${sql.table(`llmr.${this.name}`)} having max(${sql.ref(name)}) is not null`.execute(this.#transaction)
    }
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const lists = this.#columns.map((_, index) => sql`${this.#rows.map((row) => row[index])}::text[]`)
    // The names of types come from the database and not from the file.
    const values = this.#columns.map(({ type }, index) => sql`${sql.ref(`c${index}`)}::${sql.raw(type)}`)
    const names = this.#columns.map((_, index) => sql.ref(`c${index}`))
    this.#rows = []
    this.#characters = 0
    await sql`
      insert into ${sql.table(`llmr.${this.name}`)} (${sql.join(this.#columns.map(({ name }) => sql.ref(name)))})
      overriding system value
      select ${sql.join(values)} from unnest(${sql.join(lists)}) as given (${sql.join(names)})`.execute(
      this.#transaction,
    )
  }
}

async function* readLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  // The error of either reaches whoever reads the lines; the callback is there because the pipeline asks for one.
  const input = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => undefined) : source
  try {
    yield* createInterface({ input, crlfDelay: Infinity })
  } catch (error) {
    const isCompression = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
    throw isCompression ? unreadable(error.message) : error
  } finally {
    source.destroy()
  }
}
