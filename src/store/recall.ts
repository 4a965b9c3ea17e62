import { type RawBuilder, sql } from 'kysely'
import type { Kysely } from 'kysely'

import type {
  FileBounds,
  KeptFile,
  KeptRound,
  RecallPathQuestion,
  RecallRound,
  RecallSource,
} from '../core/recall-source.ts'
import type { Vector } from '../core/embedder.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Tables } from './database.ts'
import { storable } from './storable-text.ts'
import type { Abortable } from './stored-responses.ts'

/** Replies of a path that are looked at: a step costs some microseconds, and what is further back is not searched. */
export const pathMax = 2_000

/** Of the turns on it the latest so many are looked through for words, and so many of these for nearness, which costs more. */
const roundsMax = 1_000
const nearMax = 400

/** Reads what a conversation holds for a request. Every method rejects when the database fails. */
export class RecallQueries implements RecallSource {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  async path(question: RecallPathQuestion, { signal }: Abortable = {}): Promise<readonly RecallRound[]> {
    const { rows } = await pathStatement(question).execute(this.#query, { signal })
    return rows.map(({ cosine, ...row }) => ({ ...row, ...(cosine !== null && { cosine }) }))
  }

  async rounds(
    scope: MemoryScope,
    replies: readonly string[],
    { signal }: Abortable = {},
  ): Promise<readonly KeptRound[]> {
    if (replies.length === 0) return []
    const { rows } = await sql<Omit<KeptRound, 'atMs'> & { at: Date }>`
      select reply::text, user_text as "userText", reply_text as "replyText", created_at as at
      from llmr.chat_pair
      where reply = any(${replies}::bigint[]) and tenant = ${storable(scope.tenant)}
        and principal = ${storable(scope.principal)}`.execute(this.#query, { signal })
    return rows.map(({ at, ...round }) => ({ ...round, atMs: at.getTime() }))
  }

  async files(
    scope: MemoryScope,
    replies: readonly string[],
    { most, charactersMax, signal }: FileBounds & Abortable,
  ): Promise<readonly KeptFile[]> {
    if (replies.length === 0) return []
    const { rows } = await sql<Omit<KeptFile, 'atMs'> & { at: Date }>`
      select reply::text, uri, encode(sha256, 'hex') as sha256, left(content, ${charactersMax}::integer) as content, at
      from (
        select distinct on (artifact.uri) reply.id as reply, artifact.uri, artifact.sha256, artifact.content, reply.started_at as at
        from llmr.artifact_use as use
          join llmr.artifact on artifact.id = use.artifact
          join llmr.reply on reply.id = use.reply
        where use.reply = any(${replies}::bigint[]) and artifact.tenant = ${storable(scope.tenant)}
          and artifact.principal = ${storable(scope.principal)}
        order by artifact.uri, reply.started_at desc, reply.id desc
      ) as latest
      where content is not null
      order by at desc, uri limit ${most}`.execute(this.#query, { signal })
    return rows.map(({ at, ...file }) => ({ ...file, atMs: at.getTime() }))
  }
}

type PathResult = Omit<RecallRound, 'cosine'> & { readonly cosine: number | null }

/**
 * Up from reply to reply: an agent's step goes on from the one before, a turn from the reply that it answers. Vectors are
 * compared one by one and exactly: an index over all conversations would find the nearest of everybody's first.
 */
function pathStatement({ scope, reply, words, nearTo }: RecallPathQuestion): RawBuilder<PathResult> {
  const own = sql`reply.tenant = ${storable(scope.tenant)} and reply.principal = ${storable(scope.principal)}`
  return sql<PathResult>`
    with recursive
    word as materialized (
      select (at - 1)::integer as at, ('''' || replace(replace(given, '\\', '\\\\'), '''', '''''') || '''')::tsquery as query
      from unnest(${words.map(storable)}::text[]) with ordinality as given (given, at)
    ),
    step as (
      select reply.id, reply.turn, turn.depth, coalesce(reply.continues, turn.parent_reply) as before, 0 as number
      from llmr.reply join llmr.turn on turn.id = reply.turn
      where reply.id = ${reply}::bigint and ${own}
      union all
      select reply.id, reply.turn, turn.depth, coalesce(reply.continues, turn.parent_reply), step.number + 1
      from step join llmr.reply on reply.id = step.before join llmr.turn on turn.id = reply.turn
      where step.number < ${pathMax} and ${own}
    ),
    path as (
      select turn, min(depth) as depth, (array_agg(id order by number))[1] as reply, array_agg(id) as replies,
        (row_number() over (order by min(number)) - 2)::integer as distance
      from step group by turn
    )
    select path.reply::text, path.turn::text, path.depth, distance,
      array(select at from word where pair.ts @@ word.query) as words, coalesce(length(pair.ts), 0) as length,
      ${nearTo === undefined ? sql`null::float8` : sql`1 - (embedding.vector <=> ${vectorText(nearTo.vector)}::halfvec)`} as cosine,
      array(
        select distinct use.reply::text from llmr.artifact_use as use where use.reply = any(path.replies)
      ) as "filesOf"
    from path
      left join llmr.chat_pair as pair on pair.reply = path.reply
      ${nearTo === undefined ? sql`` : embeddingJoin(nearTo)}
    where distance >= 0 and distance < ${roundsMax}
    order by distance`
}

function embeddingJoin({ model, vector }: NonNullable<RecallPathQuestion['nearTo']>): RawBuilder<unknown> {
  return sql`left join llmr.embedding on path.distance < ${nearMax} and embedding.request_id = pair.request_id
    and embedding.model = ${storable(model)} and embedding.dimensions = ${vector.length}`
}

function vectorText(vector: Vector): string {
  return `[${vector.join(',')}]`
}
