import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { ReplyDigest } from '../core/conversation-claims.ts'
import type { Turn } from '../core/turn.ts'
import type { Tables } from './database.ts'
import { storable, storableOrNull } from './storable-text.ts'

/** What was said in a request and in its reply, for the place that the request has already. */
export interface TurnContent {
  readonly turn: Turn
  readonly reply?: ReplyDigest
  /** The user's words and the reply to them, where both are there and nothing is left to be done. */
  readonly round?: { readonly userText: string; readonly replyText: string }
}

/** The content of the tables `turn`, `reply`, `tool_call` and `chat_pair`. Every method rejects when the database fails. */
export class Turns {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * All or none, for requests that have a place. What is there already stays as it is, so the same may be given any number
   * of times.
   */
  async fill(contents: readonly TurnContent[]): Promise<void> {
    if (contents.length === 0) return
    await this.#query.transaction().execute(async (transaction) => {
      const filled = await fillReplies(transaction, contents)
      const fresh = new Map(filled.map((one) => [one.requestId, one]))
      const news = contents.flatMap((content) => {
        const place = fresh.get(content.turn.requestId)
        fresh.delete(content.turn.requestId)
        return place === undefined ? [] : [{ ...content, place }]
      })
      await fillTurns(transaction, news)
      await addToolCalls(transaction, news)
      await addPairs(transaction, news)
    })
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

/** A reply that had no content until now. */
interface FilledReply {
  readonly requestId: string
  readonly id: string
  readonly turn: string
}

type Fresh = TurnContent & { readonly place: FilledReply }

async function fillReplies(query: Kysely<Tables>, contents: readonly TurnContent[]): Promise<readonly FilledReply[]> {
  const column = <Value>(read: (content: TurnContent) => Value): Value[] => contents.map(read)
  const { rows } = await sql<FilledReply>`
    update llmr.reply set
      status = given.status, model = given.model, backend = given.backend, finish_reason = given.finish_reason,
      digest = coalesce(reply.digest, decode(given.digest, 'hex')),
      prefix_digest = coalesce(reply.prefix_digest, decode(given.prefix, 'hex')),
      length = coalesce(reply.length, given.length),
      input = given.input::json, output = given.output::json, prompt_tokens = given.prompt_tokens,
      cached_tokens = given.cached_tokens, completion_tokens = given.completion_tokens, finished_at = given.finished_at
    from unnest(
      ${column(({ turn }) => turn.requestId)}::text[],
      ${column(({ turn }) => storable(turn.tenant))}::text[],
      ${column(({ turn }) => storable(turn.principal))}::text[],
      ${column(({ turn }) => turn.outcome)}::text[],
      ${column(({ turn }) => storableOrNull(turn.model))}::text[],
      ${column(({ turn }) => storableOrNull(turn.backend))}::text[],
      ${column(({ turn }) => storableOrNull(turn.finishReason))}::text[],
      ${column(({ reply }) => reply?.digest ?? null)}::text[],
      ${column(({ reply }) => reply?.prefixDigest ?? null)}::text[],
      ${column(({ reply }) => reply?.length ?? null)}::integer[],
      ${column(({ turn }) => (turn.claims.isStep ? JSON.stringify(turn.input) : null))}::text[],
      ${column(({ turn }) => JSON.stringify(turn.output))}::text[],
      ${column(({ turn }) => turn.promptTokens ?? null)}::integer[],
      ${column(({ turn }) => turn.cachedTokens ?? null)}::integer[],
      ${column(({ turn }) => turn.completionTokens ?? null)}::integer[],
      ${column(({ turn }) => new Date(turn.startedAtMs + turn.durationMs).toISOString())}::timestamptz[]
    ) as given (request_id, tenant, principal, status, model, backend, finish_reason, digest, prefix, length, input, output,
      prompt_tokens, cached_tokens, completion_tokens, finished_at)
    where reply.request_id = given.request_id and reply.tenant = given.tenant and reply.principal = given.principal
      and reply.output is null
    returning reply.request_id as "requestId", reply.id::text as id, reply.turn::text as turn`.execute(query)
  return rows
}

async function fillTurns(query: Kysely<Tables>, contents: readonly Fresh[]): Promise<void> {
  const first = contents.filter(({ turn }) => !turn.claims.isStep)
  if (first.length === 0) return
  await sql`
    update llmr.turn set input = given.input::json
    from unnest(
      ${first.map(({ place }) => place.turn)}::bigint[], ${first.map(({ turn }) => JSON.stringify(turn.input))}::text[]
    ) as given (id, input)
    where turn.id = given.id and turn.input is null`.execute(query)
}

async function addToolCalls(query: Kysely<Tables>, contents: readonly Fresh[]): Promise<void> {
  const rows = contents.flatMap(({ turn, place }) =>
    turn.toolCalls.map(({ id, name, argumentsText }, position) => ({
      reply: place.id,
      position,
      tenant: storable(turn.tenant),
      principal: storable(turn.principal),
      call_id: storable(id),
      name: storable(name),
      arguments: storable(argumentsText),
    })),
  )
  if (rows.length === 0) return
  await query
    .insertInto('tool_call')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['reply', 'position']).doNothing())
    .execute()
}

async function addPairs(query: Kysely<Tables>, contents: readonly Fresh[]): Promise<void> {
  const pairs = contents.flatMap(({ turn, round, place }) => (round === undefined ? [] : [{ turn, round, place }]))
  if (pairs.length === 0) return
  await sql`
    insert into llmr.chat_pair (request_id, correlation_id, reply, conversation, depth, tenant, principal, user_text,
      reply_text, created_at)
    select given.request_id, given.correlation_id, given.reply, turn.conversation, turn.depth, turn.tenant, turn.principal,
      given.user_text, given.reply_text, given.created_at
    from unnest(
      ${pairs.map(({ turn }) => turn.requestId)}::text[],
      ${pairs.map(({ turn }) => storable(turn.correlationId))}::text[],
      ${pairs.map(({ place }) => place.id)}::bigint[],
      ${pairs.map(({ place }) => place.turn)}::bigint[],
      ${pairs.map(({ round }) => storable(round.userText))}::text[],
      ${pairs.map(({ round }) => storable(round.replyText))}::text[],
      ${pairs.map(({ turn }) => new Date(turn.startedAtMs).toISOString())}::timestamptz[]
    ) as given (request_id, correlation_id, reply, turn, user_text, reply_text, created_at)
      join llmr.turn on turn.id = given.turn
    on conflict (request_id) do nothing`.execute(query)
}
