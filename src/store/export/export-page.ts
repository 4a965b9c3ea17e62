import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'

import type { Tables } from '../database.ts'
import { type ExportedTable, exportedTables, type ExportName } from './exported-tables.ts'

export interface ExportRange {
  readonly table: ExportName
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
  /** Absent: all of them. */
  readonly tenant?: string
}

export interface ExportWish extends ExportRange {
  /** What the page before gave as `next`. */
  readonly after?: ExportCursor
  readonly most: number
}

/** Of the last row that was had. */
export type ExportCursor = readonly string[]

/** Times are texts in UTC with microseconds; numbers that are whole are numbers. */
export type ExportRow = Readonly<Record<string, unknown>>

export interface ExportPage {
  readonly rows: readonly ExportRow[]
  /** Where the next page begins; absent at the end. */
  readonly next?: ExportCursor
}

/**
 * The next rows of a table, along an index and not by their number: however far it is, a page costs the same, and no
 * transaction is held open from one to the next. Rejects when the database fails.
 */
export async function exportPage(
  query: Kysely<Tables>,
  { table, fromMs, toMs, tenant, after, most }: ExportWish,
): Promise<ExportPage> {
  const shape = exportedTables[table]
  const keys = sql.join(shape.keys.map(({ from }) => sql.raw(from)))
  const conditions = [
    sql`${sql.raw(shape.time)} >= ${new Date(fromMs)} and ${sql.raw(shape.time)} < ${new Date(toMs)}`,
    ...(tenant === undefined ? [] : [sql`${sql.raw(shape.tenant)} = ${tenant}`]),
    ...(after === undefined ? [] : [sql`(${keys}) > (${cursorValues(shape, after)})`]),
    // The whole row comparison cannot be read along the index where its second part is no column of it.
    ...(after === undefined || shape.keys.length === 1 ? [] : [firstKeyFrom(shape, after)]),
  ]
  const statement = sql<ExportRow>`
    select ${sql.join(selected(shape))}, json_build_array(${sql.join(shape.keys.map(({ from }) => sql.raw(`${from}::text`)))}) as "#"
    from ${sql.raw(shape.source)}
    where ${sql.join(conditions, sql` and `)}
    order by ${keys} limit ${most}`
  const { rows } = await query.transaction().execute(async (transaction) => {
    // Without statistics, which the embedded database never gathers, whatever lies behind would be read and sorted for each page.
    await sql`select set_config('enable_sort', 'off', true)`.execute(transaction)
    return statement.execute(transaction)
  })
  const last = rows.at(-1)?.['#']
  return {
    rows: rows.map((row) => plainRow(shape, row)),
    ...(rows.length === most && isCursor(last) && { next: last }),
  }
}

/** Something that came back from whoever was given it. */
export function isCursor(value: unknown): value is ExportCursor {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')
}

function selected({ columns }: ExportedTable): readonly RawBuilder<unknown>[] {
  return columns.map(({ name, from = name, type }) => {
    const value = type === 'time' ? `to_char(${from} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : from
    return sql`${sql.raw(value)} as ${sql.ref(name)}`
  })
}

function cursorValues({ keys }: ExportedTable, cursor: ExportCursor): RawBuilder<unknown> {
  return sql.join(keys.map(({ type }, index) => sql`${cursor[index]}::text::${sql.raw(type)}`))
}

function firstKeyFrom({ keys: [first] }: ExportedTable, [value]: ExportCursor): RawBuilder<unknown> {
  return sql`${sql.raw(first?.from ?? '')} >= ${value}::text::${sql.raw(first?.type ?? 'text')}`
}

/** The drivers give numbers of 64 bits as text. */
function plainRow({ columns }: ExportedTable, row: ExportRow): ExportRow {
  const values = columns.map(({ name, type }) => {
    const value = row[name]
    return [name, type === 'integer' && typeof value === 'string' ? Number(value) : value] as const
  })
  return Object.fromEntries(values)
}
