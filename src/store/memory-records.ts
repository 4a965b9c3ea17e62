import { type RawBuilder, sql } from 'kysely'
import type { Kysely } from 'kysely'

import { type FoundText, type ShownConversation, type ShownRound, turnsShownMax } from '../core/memory-record.ts'
import { withoutUndefined } from '../core/without-undefined.ts'
import type { Tables } from './database.ts'
import { saidBy } from './said-by.ts'
import { storable } from './storable-text.ts'

/** Conversations that one id leads to, at most: a correlation id is the client's, and may repeat. */
const conversationsMax = 20

export interface SearchWish {
  readonly words: readonly string[]
  /** Its users included. */
  readonly principal?: string
  readonly tenant?: string
  readonly most: number
}

/** What is kept of conversations, for the operator. Every method rejects when the database fails. */
export class MemoryRecords {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** By the id of the conversation, its client's own name for it, the id of a request in it, or a correlation id; the latest first. */
  async show(id: string, { tenant }: { readonly tenant?: string } = {}): Promise<readonly ShownConversation[]> {
    const { rows } = await sql<ConversationRow>`
      select id::text, tenant, principal, source, external_key as "externalKey", created_at as "createdAt",
        last_at as "lastAt", expires_at as "expiresAt"
      from llmr.conversation
      where (id::text = ${storable(id)} or external_key = ${storable(id)} or id in (
        select turn.conversation from llmr.reply join llmr.turn on turn.id = reply.turn
        where reply.request_id = ${storable(id)} or reply.correlation_id = ${storable(id)}
      )) ${within(tenant)}
      order by last_at desc limit ${conversationsMax}`.execute(this.#query)
    return Promise.all(rows.map((row) => this.#conversation(row)))
  }

  /** Rounds in which any of the words stands, those with most of them first. */
  async search({ words, principal, tenant, most }: SearchWish): Promise<readonly FoundText[]> {
    if (words.length === 0) return []
    const { rows } = await sql<Omit<FoundText, 'at'> & { at: Date }>`
      with question as (
        select string_agg('''' || replace(replace(given, '\\', '\\\\'), '''', '''''') || '''', ' | ')::tsquery as query
        from unnest(${words.map(storable)}::text[]) as given
      )
      select conversation::text, tenant, principal, request_id as "requestId", created_at as at,
        user_text as "userText", reply_text as "replyText"
      from llmr.chat_pair, question
      where ts @@ query ${principal === undefined ? sql`` : sql`and ${saidBy(principal)}`} ${within(tenant)}
      order by ts_rank(ts, query) desc, created_at desc limit ${most}`.execute(this.#query)
    return rows.map(({ at, ...found }) => ({ ...found, at: at.toISOString() }))
  }

  async #conversation({
    createdAt,
    lastAt,
    expiresAt,
    externalKey,
    ...row
  }: ConversationRow): Promise<ShownConversation> {
    const [rounds, count, files, summaries] = await Promise.all([
      this.#rounds(row.id),
      this.#count(sql`llmr.turn where conversation = ${row.id}::uuid`),
      this.#files(row.id),
      this.#count(sql`llmr.summary where conversation = ${row.id}::uuid`),
    ])
    return {
      ...row,
      ...(externalKey !== null && { externalKey }),
      createdAt: createdAt.toISOString(),
      lastAt: lastAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      rounds,
      olderRounds: Math.max(0, count - new Set(rounds.map(({ turn }) => turn)).size),
      files,
      summaries,
    }
  }

  async #rounds(conversation: string): Promise<readonly ShownRound[]> {
    const { rows } = await sql<RoundRow>`
      select turn.id::text as turn, reply.id::text as reply, coalesce(reply.continues, turn.parent_reply)::text as after,
        turn.depth, reply.request_id as "requestId", reply.correlation_id as "correlationId", reply.status, reply.model,
        reply.started_at as at, pair.user_text as "userText", pair.reply_text as "replyText",
        exists (select from llmr.embedding where embedding.request_id = pair.request_id) as "isEmbedded"
      from (
        select * from llmr.turn where conversation = ${conversation}::uuid order by id desc limit ${turnsShownMax}
      ) as turn
        join llmr.reply on reply.turn = turn.id
        left join llmr.chat_pair as pair on pair.reply = reply.id
      order by reply.id`.execute(this.#query)
    return rows.map(({ at, after, requestId, correlationId, model, userText, replyText, ...round }) => ({
      ...round,
      ...withoutUndefined({
        after: after ?? undefined,
        requestId: requestId ?? undefined,
        correlationId: correlationId ?? undefined,
        model: model ?? undefined,
        userText: userText ?? undefined,
        replyText: replyText ?? undefined,
      }),
      at: at.toISOString(),
    }))
  }

  async #files(conversation: string): Promise<readonly string[]> {
    const { rows } = await sql<{ uri: string }>`
      select distinct artifact.uri
      from llmr.turn join llmr.reply on reply.turn = turn.id
        join llmr.artifact_use as use on use.reply = reply.id
        join llmr.artifact on artifact.id = use.artifact
      where turn.conversation = ${conversation}::uuid order by artifact.uri limit 100`.execute(this.#query)
    return rows.map(({ uri }) => uri)
  }

  async #count(from: RawBuilder<unknown>): Promise<number> {
    const { rows } = await sql<{ count: number }>`select count(*)::integer as count from ${from}`.execute(this.#query)
    return rows[0]?.count ?? 0
  }
}

/** Said here and not left to the database's policies, which do not bind a superuser: the embedded database has no other. */
function within(tenant: string | undefined): RawBuilder<unknown> {
  return tenant === undefined ? sql`` : sql`and tenant = ${storable(tenant)}`
}

interface ConversationRow {
  readonly id: string
  readonly tenant: string
  readonly principal: string
  readonly source: string
  readonly externalKey: string | null
  readonly createdAt: Date
  readonly lastAt: Date
  readonly expiresAt: Date
}

interface RoundRow {
  readonly turn: string
  readonly reply: string
  readonly after: string | null
  readonly depth: number
  readonly requestId: string | null
  readonly correlationId: string | null
  readonly status: string
  readonly model: string | null
  readonly at: Date
  readonly userText: string | null
  readonly replyText: string | null
  readonly isEmbedded: boolean
}
