import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { PathRound, PathSummary, SpokenRound } from '../core/conversation-path.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import type { Tables } from './database.ts'
import { addFlowSteps, type WorkDone } from './flow-steps.ts'
import { storable } from './storable-text.ts'

/** Longer paths are followed no further towards their root. */
const roundsMax = 20_000

/** Without the tokenizer of the model that will read it: four bytes, more or less. Bytes are known without reading the text. */
const roundTokens = sql`ceil((octet_length(pair.user_text) + octet_length(pair.reply_text)) / 4.0)::integer`

/** A reply below which another round is kept. */
const isGoneOnFrom = sql`exists (
  select from llmr.turn child join llmr.reply said on said.turn = child.id join llmr.chat_pair on chat_pair.reply = said.id
  where child.parent_reply = reply.id
)`

export interface WrittenSummary extends PathSummary {
  readonly model: string
}

/** The table `summary`, and the paths that it tells. Every method rejects when the database fails. */
export class Summaries {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * Of these requests those with more than so many tokens on the path to their reply. Those that were gone on from are left
   * out: whoever did that has a longer path, and is told of as well.
   */
  async long(requestIds: readonly string[], aboveTokens: number): Promise<readonly string[]> {
    if (requestIds.length === 0) return []
    const { rows } = await sql<{ requestId: string }>`
      with recursive path as (${pathsTo(requestIds, sql`not ${isGoneOnFrom}`)})
      select origin as "requestId" from path join llmr.chat_pair pair on pair.reply = path.reply
      group by origin having sum(${roundTokens}) > ${aboveTokens} order by origin`.execute(this.#query)
    return rows.map(({ requestId }) => requestId)
  }

  /** From the root to the reply to this request; empty when that is not there any more. */
  async path(requestId: string): Promise<readonly PathRound[]> {
    const { rows } = await sql<PathRound>`
      with recursive path as (${pathsTo([requestId])})
      select path.reply::text as reply, pair.depth, ${roundTokens} as tokens,
        md5(pair.user_text || chr(31) || pair.reply_text) as digest
      from path join llmr.chat_pair pair on pair.reply = path.reply
      order by pair.depth`.execute(this.#query)
    return rows
  }

  /** Every summary that ends with one of these replies. */
  async kept(replies: readonly string[]): Promise<readonly PathSummary[]> {
    if (replies.length === 0) return []
    const { rows } = await sql<PathSummary>`
      select upto_reply::text as "uptoReply", level, from_depth as "fromDepth", upto_depth as "uptoDepth",
        prompt_version as "promptVersion", encode(source, 'hex') as source, text, tokens
      from llmr.summary where upto_reply = any(${replies}::bigint[])
      order by from_depth, level`.execute(this.#query)
    return rows
  }

  /** What was said in the rounds that end with these replies, in their order. */
  async spoken(replies: readonly string[]): Promise<readonly SpokenRound[]> {
    const { rows } = await sql<SpokenRound>`
      select pair.user_text as "userText", pair.reply_text as "replyText"
      from unnest(${replies}::bigint[]) with ordinality as given (reply, place)
        join llmr.chat_pair pair on pair.reply = given.reply
      order by given.place`.execute(this.#query)
    return rows
  }

  /**
   * In place of the one that is there for the same reply and level, unless that is of a later prompt; and with it, in the
   * lineage of the request for which that was done, how it was made.
   */
  async put(summary: WrittenSummary, done?: WorkDone & { readonly requestId: string }): Promise<void> {
    await this.#query.transaction().execute(async (transaction) => {
      const scope = await upsertSummary(transaction, summary)
      if (done === undefined || scope === undefined) return
      const { level, uptoReply, fromDepth, uptoDepth, model, tokens } = summary
      const facts = { from_round: fromDepth, to_round: uptoDepth, level, tokens }
      const part = `${level} ${uptoReply}`
      await addFlowSteps(transaction, [{ ...done, ...scope, type: 'summarise', part, ref: model, facts }], done)
    })
  }

  /** Those of these that are told otherwise now. */
  async remove(summaries: readonly Pick<PathSummary, 'uptoReply' | 'level'>[]): Promise<void> {
    if (summaries.length === 0) return
    await sql`
      delete from llmr.summary using unnest(
        ${summaries.map(({ uptoReply }) => uptoReply)}::bigint[], ${summaries.map(({ level }) => level)}::integer[]
      ) as given (reply, level)
      where summary.upto_reply = given.reply and summary.level = given.level`.execute(this.#query)
  }
}

/** Whose it is; undefined where nothing was changed. */
async function upsertSummary(query: Kysely<Tables>, summary: WrittenSummary): Promise<MemoryScope | undefined> {
  const { uptoReply, level, fromDepth, uptoDepth, promptVersion, source, model, text, tokens } = summary
  const { rows } = await sql<MemoryScope>`
      insert into llmr.summary (upto_reply, level, tenant, principal, conversation, from_depth, upto_depth,
        prompt_version, source, model, text, tokens)
      select reply.id, ${level}::integer, turn.tenant, turn.principal, turn.conversation, ${fromDepth}::integer,
        ${uptoDepth}::integer, ${promptVersion}::integer, decode(${source}, 'hex'), ${model}, ${storable(text)}::text,
        ${tokens}::integer
      from llmr.reply join llmr.turn on turn.id = reply.turn where reply.id = ${uptoReply}::bigint
      on conflict (upto_reply, level) do update set
        from_depth = excluded.from_depth, upto_depth = excluded.upto_depth, prompt_version = excluded.prompt_version,
        source = excluded.source, model = excluded.model, text = excluded.text, tokens = excluded.tokens,
        created_at = now()
        where summary.prompt_version <= excluded.prompt_version
      returning tenant, principal`.execute(query)
  return rows[0]
}

/** Replies from the one to each of these requests, where this is true of it, up to the root: a recursive query named `path`. */
function pathsTo(requestIds: readonly string[], condition = sql`true`) {
  return sql`
    select reply.request_id as origin, reply.id as reply, turn.parent_reply, 1 as steps
    from llmr.reply join llmr.turn on turn.id = reply.turn
    where reply.request_id = any(${requestIds}::text[]) and ${condition}
    union all
    select path.origin, reply.id, turn.parent_reply, path.steps + 1
    from path join llmr.reply on reply.id = path.parent_reply join llmr.turn on turn.id = reply.turn
    where path.steps < ${roundsMax}`
}
