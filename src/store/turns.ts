import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Tables } from './database.ts'
import { filling } from './filling.ts'
import type { TurnContent } from './turn-content.ts'

/** The content of the tables `turn`, `reply`, `tool_call` and `chat_pair`. Every method rejects when the database fails. */
export class Turns {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * All or none, for requests that have a place. What is there already stays as it is, so the same may be given any number
   * of times. Resolves to those that had a place and no content until now.
   */
  async fill(contents: readonly TurnContent[]): Promise<ReadonlySet<string>> {
    if (contents.length === 0) return new Set()
    const distinct = new Map(contents.map((content) => [content.turn.requestId, content]))
    const { rows } = await filling([...distinct.values()]).execute(this.#query)
    return new Set(rows.map(({ id }) => id))
  }

  /** Of these requests those that have a place. */
  async placed(requestIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (requestIds.length === 0) return new Set()
    const { rows } = await sql<{ id: string }>`
      select request_id as id from llmr.reply where request_id = any(${requestIds}::text[])`.execute(this.#query)
    return new Set(rows.map(({ id }) => id))
  }

  /** Of these requests those of which nothing more is to come: their content is there. */
  async known(requestIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (requestIds.length === 0) return new Set()
    const { rows } = await sql<{ id: string }>`
      select request_id as id from llmr.reply
      where request_id = any(${requestIds}::text[]) and output is not null`.execute(this.#query)
    return new Set(rows.map(({ id }) => id))
  }
}
