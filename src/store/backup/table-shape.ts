import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Tables } from '../database.ts'

/** A table of the schema `llmr` as it is in the database now. */
export interface TableShape {
  readonly name: string
  /** Those with values of their own; generated ones are made again. */
  readonly columns: readonly ColumnShape[]
}

export interface ColumnShape {
  readonly name: string
  /** As PostgreSQL writes it, such as `halfvec(768)`. */
  readonly type: string
  readonly isIdentity: boolean
}

/** All tables but that of the migrations, each after those it refers to. */
export async function readTableShapes(query: Kysely<Tables>): Promise<readonly TableShape[]> {
  const { rows: tables } = await sql<TableShape>`
    select c.relname as name, json_agg(
      json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'isIdentity', a.attidentity <> '')
      order by a.attnum) as columns
    from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where n.nspname = 'llmr' and c.relkind = 'r' and c.relname <> 'migration'
    group by c.relname`.execute(query)
  const { rows: references } = await sql<Reference>`
    select distinct f.relname as "from", t.relname as "to"
    from pg_constraint k
      join pg_class f on f.oid = k.conrelid
      join pg_class t on t.oid = k.confrelid
      join pg_namespace n on n.oid = f.relnamespace
    where k.contype = 'f' and n.nspname = 'llmr' and f.oid <> t.oid`.execute(query)
  return orderByReference(tables, references)
}

interface Reference {
  readonly from: string
  readonly to: string
}

/** Tables that refer to each other in a circle stand together, in the order of their names. */
function orderByReference(tables: readonly TableShape[], references: readonly Reference[]): readonly TableShape[] {
  const ordered: TableShape[] = []
  let left = tables.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name))
    const free = left.filter(({ name }) => !references.some(({ from, to }) => from === name && waiting.has(to)))
    const next = free.length > 0 ? free : left.filter(({ name }) => isInCircle(name, references))
    ordered.push(...next)
    left = left.filter((table) => !next.includes(table))
  }
  return ordered
}

function isInCircle(name: string, references: readonly Reference[]): boolean {
  const reached = new Set<string>()
  const left = [name]
  for (let from = left.pop(); from !== undefined; from = left.pop()) {
    const next = references.filter((reference) => reference.from === from && !reached.has(reference.to))
    for (const { to } of next) {
      reached.add(to)
      left.push(to)
    }
  }
  return reached.has(name)
}
