import { type RawBuilder, sql } from 'kysely'

import { storable } from './storable-text.ts'

/** Whether a column names this principal, or a user of it: a key that is trusted to tell its users apart has them below its own name. */
export function saidBy(principal: string, column: RawBuilder<unknown> = sql`principal`): RawBuilder<unknown> {
  const name = storable(principal)
  return sql`(${column} = ${name} or starts_with(${column}, ${`${name}/`}))`
}
