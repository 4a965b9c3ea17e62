import { type RawBuilder, sql } from 'kysely'

import type { ClaimedRound, ConversationClaims } from '../core/conversation-claims.ts'
import { candidatesMax } from '../core/found-turns.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import { storable, storableOrNull } from './storable-text.ts'

/** One row, lists as JSON. */
export interface FoundRow {
  readonly keyed: {
    readonly id: string
    readonly sendsHistory: boolean | null
    readonly newestReply: string | null
  } | null
  /** Each turn that was found, and its ancestors. */
  readonly path: readonly FoundPathRow[] | null
  /** Of the turns that were found. */
  readonly replies: readonly FoundReplyRow[] | null
}

export interface FoundPathRow {
  /** The turn that was found. */
  readonly seed: string
  /** How many parents up from it. */
  readonly step: number
  readonly id: string
  readonly conversation: string
  readonly isKeyed: boolean
  readonly depth: number
  readonly user: string
  readonly chain: string
  readonly parentReply: string | null
  /** Of the reply by which it is an ancestor. */
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly isLaterStep: boolean
}

export interface FoundReplyRow {
  readonly turn: string
  readonly id: string
  readonly requestId: string | null
  readonly isUncertain: boolean
  readonly digest: string | null
  readonly prefixDigest: string | null
  readonly length: number | null
  readonly isLaterStep: boolean
  readonly calls: number
}

const repliesMax = 12
/** Of each sign the latest. Those whose reply does not fit are left out before, so that a greeting hides nothing. */
const latest = sql`order by id desc limit ${sql.lit(candidatesMax)}`

/**
 * Everything in a scope that a request with these claims may go on from: one statement, whose cost is bounded whatever is
 * stored.
 */
export function finding(scope: MemoryScope, claims: ConversationClaims): RawBuilder<FoundRow> {
  const { key, previousRequestId, callIds, rounds, current, isStep } = claims
  const last = rounds.at(-1)
  const tenant = storable(scope.tenant)
  const principal = storable(scope.principal)
  const own = (table: string) =>
    sql`${sql.ref(`${table}.tenant`)} = ${tenant} and ${sql.ref(`${table}.principal`)} = ${principal}`
  return sql<FoundRow>`
    with recursive keyed as (
      select id, sends_history from llmr.conversation
      where ${own('conversation')} and ((source = ${key?.source ?? null} and external_key = ${storableOrNull(key?.key)})
        or id = ${ownIdOf(key)}::uuid)
      order by external_key is null desc limit 1
    ),
    newest as (
      select reply.id, reply.turn from keyed join llmr.turn on turn.conversation = keyed.id
        join llmr.reply on reply.turn = turn.id
      where ${last === undefined}::boolean and reply.status in ('complete', 'stopped')
      order by reply.id desc limit 1
    ),
    called as (
      select reply, count(*)::integer as calls from llmr.tool_call
      where ${own('tool_call')} and call_id = any(${callIds.map(storable)}::text[])
      group by reply order by calls desc, reply desc limit ${candidatesMax}
    ),
    seed as (
      select turn from llmr.reply where ${own('reply')} and request_id = ${storableOrNull(previousRequestId)}
      union select turn from newest
      union select reply.turn from called join llmr.reply on reply.id = called.reply
      ${isStep ? sql`union (select id from llmr.turn where ${own('turn')} and chain_hash = ${bytes(current.chain)} ${latest})` : sql``}
      ${last === undefined ? sql`` : shownBy(last, own)}
    ),
    path as (
      select seed.turn as seed, 0 as step, turn.id, turn.conversation, turn.depth, turn.user_digest, turn.chain_hash,
        turn.parent_reply, null::bytea as digest, null::bytea as prefix_digest, false as is_later_step
      from seed join llmr.turn on turn.id = seed.turn
      union all
      select path.seed, path.step + 1, turn.id, turn.conversation, turn.depth, turn.user_digest, turn.chain_hash,
        turn.parent_reply, reply.digest, reply.prefix_digest,
        reply.continues is not null
      from path join llmr.reply on reply.id = path.parent_reply join llmr.turn on turn.id = reply.turn
      where path.step < ${rounds.length}::integer
    )
    select
      (select json_build_object('id', id, 'sendsHistory', sends_history, 'newestReply', (select id::text from newest))
        from keyed) as keyed,
      (select json_agg(json_build_object('seed', seed::text, 'step', step, 'id', id::text, 'conversation', conversation,
        'isKeyed', (select external_key is not null from llmr.conversation where conversation.id = path.conversation),
        'depth', depth, 'user', encode(user_digest, 'hex'), 'chain', encode(chain_hash, 'hex'), 'parentReply', parent_reply::text,
        'digest', encode(digest, 'hex'), 'prefixDigest', encode(prefix_digest, 'hex'),
        'isLaterStep', is_later_step) order by seed, step) from path) as path,
      (select json_agg(json_build_object('turn', seed.turn::text, 'id', one.id::text, 'requestId', one.request_id,
        'isUncertain', one.status in ('open', 'stopped'), 'digest', encode(one.digest, 'hex'),
        'prefixDigest', encode(one.prefix_digest, 'hex'), 'length', one.length,
        'isLaterStep', one.continues is not null, 'calls', coalesce(called.calls, 0))
        order by one.id desc)
        from seed cross join lateral (
          select * from llmr.reply where reply.turn = seed.turn
          order by request_id is not distinct from ${storableOrNull(previousRequestId)} desc,
            reply.id in (select reply from called) desc,
            digest is not distinct from ${bytes(last?.reply?.digest)} desc,
            prefix_digest is not distinct from ${bytes(last?.reply?.prefixDigest)} desc, id desc
          limit ${repliesMax}
        ) as one left join called on called.reply = one.id) as replies`
}

/** By the words up to the last earlier round, by its reply, by its words alone; each also among the turns of the key. */
function shownBy(
  { user, chain, reply }: ClaimedRound,
  own: (table: string) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const fits = sql`exists (
    select from llmr.reply where reply.turn = turn.id and (${reply === undefined}::boolean or reply.digest is null
      or reply.digest = ${bytes(reply?.digest)} or reply.prefix_digest = ${bytes(reply?.prefixDigest)}))`
  const byReply = (column: 'digest' | 'prefix_digest', digest: string | undefined) => sql`
    union (select turn from llmr.reply
      where ${own('reply')} and ${sql.ref(column)} = ${bytes(digest)} and length >= 64 ${latest})`
  return sql`
    union (select id from llmr.turn where ${own('turn')} and chain_hash = ${bytes(chain)} and ${fits} ${latest})
    union (select id from llmr.turn where ${own('turn')} and user_digest = ${bytes(user)} and ${fits} ${latest})
    union (select turn.id from keyed join llmr.turn on turn.conversation = keyed.id
      where user_digest = ${bytes(user)} and ${fits} order by turn.id desc limit ${candidatesMax})
    ${byReply('digest', reply?.digest)}
    ${byReply('prefix_digest', reply?.prefixDigest)}`
}

/** Clients learn llmr's own ids of their conversations, and may name them by those. */
function ownIdOf(key: ConversationClaims['key']): string | null {
  return key?.source === 'llmr' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key.key) ? key.key : null
}

function bytes(hex: string | undefined): RawBuilder<unknown> {
  return sql`decode(${hex ?? null}::text, 'hex')`
}
