import { type RawBuilder, sql } from 'kysely'

import type { ClaimedRound } from '../core/conversation-claims.ts'
import { uuidv7 } from '../core/identifier.ts'
import type { MemoryScope } from '../core/memory-scope.ts'
import { importedRequestId, type PlacedRequest, type Placement, type TurnPlace } from '../core/turn-place.ts'
import { storable, storableOrNull } from './storable-text.ts'

/**
 * The statement that puts a request into its place. It gives one row: or none where the turn is gone that it is a further
 * step of.
 */
export function placing(request: PlacedRequest, placement: Placement): RawBuilder<TurnPlace> {
  const { requestId, correlationId, requestedModel } = request
  const { turn } = placement
  const parts = { ...partsOf(request), ...placement }
  return sql<TurnPlace>`
    with place as (${conversationIn(parts)}),
    ${turn.type === 'imported' ? historyIn({ ...parts, ...turn, requestId }) : sql``}
    placed_turn as (${turnIn(parts)}),
    placed_reply as (
      insert into llmr.reply
        (tenant, principal, turn, continues, request_id, correlation_id, status, requested_model, started_at)
      select ${parts.tenant}, ${parts.principal}, id, ${turn.type === 'step' ? turn.continues : null}::bigint,
        ${requestId}, ${storable(correlationId)}, 'open', ${storableOrNull(requestedModel)}, ${parts.at}::timestamptz
      from placed_turn
      on conflict (request_id) do update set correlation_id = reply.correlation_id
      returning id, turn
    )
    select coalesce((select conversation from llmr.turn where id = placed_reply.turn), place.id)::text as conversation,
      placed_reply.turn::text as turn, placed_reply.id::text as reply
    from placed_reply, place`
}

interface Parts extends MemoryScope, Placement {
  readonly kind: string
  readonly at: Date
  readonly expiresAt: Date
}

function partsOf({ scope, kind, startedAtMs, keepMs }: PlacedRequest) {
  return {
    tenant: storable(scope.tenant),
    principal: storable(scope.principal),
    kind: storable(kind),
    at: new Date(startedAtMs),
    expiresAt: new Date(startedAtMs + keepMs),
  }
}

function conversationIn(parts: Parts): RawBuilder<unknown> {
  const { conversation, tenant, principal, at, expiresAt, showsHistory } = parts
  const news = sql`last_at = greatest(conversation.last_at, ${at}::timestamptz),
    expires_at = greatest(conversation.expires_at, ${expiresAt}::timestamptz),
    sends_history = conversation.sends_history or ${showsHistory || null}::boolean`
  if (conversation.type === 'existing') {
    return sql`update llmr.conversation set ${news}
      where id = ${conversation.id} and tenant = ${tenant} and principal = ${principal} returning id`
  }
  const { source, key } = conversation.type === 'keyed' ? conversation.key : { source: 'inferred', key: null }
  return sql`
    insert into llmr.conversation
      (id, tenant, principal, source, external_key, sends_history, created_at, last_at, expires_at)
    values (${uuidv7(at.getTime())}, ${tenant}, ${principal}, ${source}, ${key}, ${showsHistory || null}::boolean, ${at},
      ${at}, ${expiresAt})
    on conflict (tenant, principal, source, external_key) do update set ${news}
    returning id`
}

/** Numbers are drawn beforehand, since each round has to name the one before it. */
function historyIn(parts: Parts & { rounds: readonly ClaimedRound[]; olderRounds: number; requestId: string }) {
  const { rounds, olderRounds, requestId, tenant, principal, at } = parts
  const replies = rounds.map(({ reply }) => reply)
  return sql`
    history as (
      select round.*, nextval(pg_get_serial_sequence('llmr.turn', 'id')) as turn,
        nextval(pg_get_serial_sequence('llmr.reply', 'id')) as reply
      from unnest(
        ${rounds.map(({ user }) => user)}::text[], ${rounds.map(({ chain }) => chain)}::text[],
        ${replies.map((reply) => reply?.digest ?? null)}::text[],
        ${replies.map((reply) => reply?.prefixDigest ?? null)}::text[],
        ${replies.map((reply) => reply?.length ?? null)}::integer[],
        ${rounds.map((_, at) => importedRequestId(requestId, at + 1))}::text[]
      ) with ordinality as round (user_digest, chain, digest, prefix, length, request_id, number)
    ),
    history_turn as (
      insert into llmr.turn (id, tenant, principal, conversation, parent_reply, depth, user_digest, chain_hash, kind, origin,
        created_at)
      overriding system value
      select history.turn, ${tenant}, ${principal}, place.id, lag(history.reply) over (order by number),
        ${olderRounds}::integer + number, decode(user_digest, 'hex'), decode(chain, 'hex'), 'user', 'imported',
        ${at}::timestamptz
      from history, place
    ),
    history_reply as (
      insert into llmr.reply (id, tenant, principal, turn, request_id, status, digest, prefix_digest, length, started_at)
      overriding system value
      select reply, ${tenant}, ${principal}, turn, request_id, 'complete', decode(digest, 'hex'),
        decode(prefix, 'hex'), length, ${at}::timestamptz
      from history
    ),`
}

function turnIn({ turn, tenant, principal, kind, at }: Parts): RawBuilder<unknown> {
  if (turn.type === 'step') {
    return sql`select turn.id from llmr.turn, place
      where turn.id = ${turn.id}::bigint and turn.tenant = ${tenant} and turn.principal = ${principal}
        and turn.conversation = place.id`
  }
  const parent =
    turn.type === 'imported'
      ? sql`(select reply from history order by number desc limit 1)`
      : sql`${turn.parentReply ?? null}::bigint`
  const depth = turn.type === 'imported' ? turn.olderRounds + turn.rounds.length + 1 : turn.depth
  return sql`
    insert into llmr.turn
      (tenant, principal, conversation, parent_reply, depth, user_digest, chain_hash, kind, origin, created_at)
    select ${tenant}, ${principal}, place.id, ${parent}, ${depth}::integer, decode(${turn.words.user}, 'hex'),
      decode(${turn.words.chain}, 'hex'), ${kind}, 'live', ${at}::timestamptz
    from place
    on conflict on constraint turn_edge do update set kind = turn.kind
    returning id`
}
