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

function pathStatement({ scope, reply, words, nearTo }: RecallPathQuestion): RawBuilder<PathResult> {
  const near =
    nearTo === undefined
      ? sql`null, null, null`
      : sql`${storable(nearTo.model)}, ${nearTo.vector.length}, ${vectorText(nearTo.vector)}::halfvec`
  return sql<PathResult>`
    select reply, turn, depth, distance, words, length, cosine, files_of as "filesOf"
    from llmr.recall_path(${storable(scope.tenant)}, ${storable(scope.principal)}, ${reply}::bigint,
      ${words.map(storable)}::text[], ${near})`
}

function vectorText(vector: Vector): string {
  return `[${vector.join(',')}]`
}
