import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Placement, TurnPlace } from '../core/turn-place.ts'
import type { Tables } from './database.ts'
import { type PlacedRequest, placing } from './placing.ts'
import type { Abortable } from './stored-responses.ts'

/** The tables `conversation`, `turn` and `reply`, as far as they say what belongs where. */
export class Conversations {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * Puts a request where it was found to belong, in one statement. The same request id stays where it was put before, and
   * equal turns at the same moment are one turn: the unique constraints decide, whoever comes first.
   *
   * @returns undefined when what it was to go on from is gone, or came to be meanwhile: its place has to be found anew
   */
  async put(request: PlacedRequest, placement: Placement, { signal }: Abortable = {}): Promise<TurnPlace | undefined> {
    try {
      const { rows } = await placing(request, placement).execute(this.#query, { signal })
      return rows[0]
    } catch (error) {
      if (isConstraintError(error)) return undefined
      throw error
    }
  }

  /**
   * Takes away conversations that have expired with all that belongs to them, and what only they used, at most so many at
   * once. Resolves to their number.
   */
  async removeExpired(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.conversation where id in (
        select id from llmr.conversation
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows)
  }

  /** Files that nobody has used for a day, and the memory of what was forgotten, once nothing of it can be on its way. */
  async removeLeftovers(most: number): Promise<number> {
    const artifacts = await sql`
      delete from llmr.artifact where id in (
        select id from llmr.artifact
        where created_at < now() - interval '1 day'
          and not exists (select from llmr.artifact_use where artifact_use.artifact = artifact.id)
        limit ${most} for update skip locked
      )`.execute(this.#query)
    const forgotten = await sql`
      delete from llmr.forgotten where conversation in (
        select conversation from llmr.forgotten
        where forgotten_at < now() - interval '30 days' limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number((artifacts.numAffectedRows ?? 0n) + (forgotten.numAffectedRows ?? 0n))
  }
}

function isConstraintError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '23503' || error.code === '23505')
}
