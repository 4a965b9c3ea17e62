import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { ConversationClaims } from '../core/conversation-claims.ts'
import type { FoundTurns } from '../core/found-turns.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { EndedReply, PlacedRequest, Placement, TurnPlace } from '../core/turn-place.ts'
import type { Tables } from './database.ts'
import { finding, type FoundRow } from './finding.ts'
import { ending } from './ending.ts'
import { placing } from './placing.ts'
import type { Abortable } from './stored-responses.ts'

/** The tables `conversation`, `turn` and `reply`, as far as they say what belongs where. */
export class Conversations {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** What a request with these claims may go on from. */
  async find(scope: MemoryScope, claims: ConversationClaims, { signal }: Abortable = {}): Promise<FoundTurns> {
    const { rows } = await finding(scope, claims).execute(this.#query, { signal })
    return foundTurns(rows[0])
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

  /** A reply is whole: what follows can be recognised by it. Its content comes later, and what is there already stays. */
  async end(reply: EndedReply, { signal }: Abortable = {}): Promise<void> {
    await ending(reply).execute(this.#query, { signal })
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

  /** Files that nobody has used for a day, at most so many at once. Resolves to their number. */
  async removeLeftovers(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.artifact where id in (
        select id from llmr.artifact
        where created_at < now() - interval '1 day'
          and not exists (select from llmr.artifact_use where artifact_use.artifact = artifact.id)
        limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows ?? 0n)
  }
}

function foundTurns(row: FoundRow | undefined): FoundTurns {
  const { keyed, path, replies } = { keyed: null, path: null, replies: null, ...row }
  const repliesOf = Map.groupBy(replies ?? [], ({ turn }) => turn)
  const turns = [...Map.groupBy(path ?? [], ({ seed }) => seed).values()].flatMap(([turn, ...ancestors]) =>
    turn === undefined ? [] : [{ ...turn, replies: repliesOf.get(turn.id) ?? [], ancestors }],
  )
  return { keyed: keyed ?? undefined, turns }
}

function isConstraintError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '23503' || error.code === '23505')
}
