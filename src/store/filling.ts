import { type RawBuilder, sql } from 'kysely'

import { storable, storableOrNull } from './storable-text.ts'
import type { TurnContent } from './turn-content.ts'

/**
 * The statement that puts what was said where its request stands: into `reply` and `turn`, with its calls and its round. It
 * gives the ids of the requests that had a place and no content yet; of the others it changes nothing.
 */
export function filling(contents: readonly TurnContent[]): RawBuilder<{ readonly id: string }> {
  return sql<{ readonly id: string }>`
    with given as (${givenIn(contents)}),
    filled as (
      update llmr.reply set
        status = given.status, model = given.model, backend = given.backend, finish_reason = given.finish_reason,
        digest = coalesce(reply.digest, decode(given.digest, 'hex')),
        prefix_digest = coalesce(reply.prefix_digest, decode(given.prefix, 'hex')),
        length = coalesce(reply.length, given.length),
        input = case when given.is_step then given.input::json end, output = given.output::json,
        prompt_tokens = given.prompt_tokens, cached_tokens = given.cached_tokens,
        completion_tokens = given.completion_tokens, finished_at = given.finished_at
      from given
      where reply.request_id = given.request_id and reply.tenant = given.tenant and reply.principal = given.principal
        and reply.output is null
      returning reply.request_id, reply.id, reply.turn, reply.tenant, reply.principal
    ),
    filled_turn as (
      update llmr.turn set input = given.input::json
      from filled join given using (request_id)
      where turn.id = filled.turn and not given.is_step and turn.input is null
    ),
    called as (
      insert into llmr.tool_call (reply, position, tenant, principal, call_id, name, arguments)
      select filled.id, call.position, filled.tenant, filled.principal, call.call_id, call.name, call.arguments
      from filled join (${callsIn(contents)}) call using (request_id)
      on conflict (reply, position) do nothing
    ),
    paired as (
      insert into llmr.chat_pair (request_id, correlation_id, reply, conversation, depth, tenant, principal, user_text,
        reply_text, created_at)
      select given.request_id, given.correlation_id, filled.id, turn.conversation, turn.depth, turn.tenant, turn.principal,
        given.user_text, given.reply_text, given.started_at
      from filled join given using (request_id) join llmr.turn on turn.id = filled.turn
      where given.user_text is not null
      on conflict (request_id) do nothing
    )
    select request_id as id from filled`
}

function givenIn(contents: readonly TurnContent[]): RawBuilder<unknown> {
  const column = <Value>(read: (content: TurnContent) => Value): Value[] => contents.map(read)
  return sql`
    select * from unnest(
      ${column(({ turn }) => turn.requestId)}::text[],
      ${column(({ turn }) => storable(turn.correlationId))}::text[],
      ${column(({ turn }) => storable(turn.tenant))}::text[],
      ${column(({ turn }) => storable(turn.principal))}::text[],
      ${column(({ turn }) => turn.outcome)}::text[],
      ${column(({ turn }) => storableOrNull(turn.model))}::text[],
      ${column(({ turn }) => storableOrNull(turn.backend))}::text[],
      ${column(({ turn }) => storableOrNull(turn.finishReason))}::text[],
      ${column(({ reply }) => reply?.digest ?? null)}::text[],
      ${column(({ reply }) => reply?.prefixDigest ?? null)}::text[],
      ${column(({ reply }) => reply?.length ?? null)}::integer[],
      ${column(({ turn }) => turn.claims.isStep)}::boolean[],
      ${column(({ turn }) => JSON.stringify(turn.input))}::text[],
      ${column(({ turn }) => JSON.stringify(turn.output))}::text[],
      ${column(({ turn }) => turn.promptTokens ?? null)}::integer[],
      ${column(({ turn }) => turn.cachedTokens ?? null)}::integer[],
      ${column(({ turn }) => turn.completionTokens ?? null)}::integer[],
      ${column(({ turn }) => new Date(turn.startedAtMs).toISOString())}::timestamptz[],
      ${column(({ turn }) => new Date(turn.startedAtMs + turn.durationMs).toISOString())}::timestamptz[],
      ${column(({ round }) => storableOrNull(round?.userText))}::text[],
      ${column(({ round }) => storableOrNull(round?.replyText))}::text[]
    ) as given (request_id, correlation_id, tenant, principal, status, model, backend, finish_reason, digest, prefix, length,
      is_step, input, output, prompt_tokens, cached_tokens, completion_tokens, started_at, finished_at, user_text, reply_text)`
}

function callsIn(contents: readonly TurnContent[]): RawBuilder<unknown> {
  const calls = contents.flatMap(({ turn: { requestId, toolCalls } }) =>
    toolCalls.map((call, position) => ({ ...call, requestId, position })),
  )
  return sql`
    select * from unnest(
      ${calls.map(({ requestId }) => requestId)}::text[],
      ${calls.map(({ position }) => position)}::integer[],
      ${calls.map(({ id }) => storable(id))}::text[],
      ${calls.map(({ name }) => storable(name))}::text[],
      ${calls.map(({ argumentsText }) => storable(argumentsText))}::text[]
    ) as call (request_id, position, call_id, name, arguments)`
}
