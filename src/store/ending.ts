import { type RawBuilder, sql } from 'kysely'

import type { EndedReply } from '../core/turn-place.ts'
import { storable } from './storable-text.ts'

/** The statement that notes the end of a reply: by what it is recognised, and the calls it made. */
export function ending({ requestId, scope, digest, toolCalls }: EndedReply): RawBuilder<unknown> {
  const tenant = storable(scope.tenant)
  const principal = storable(scope.principal)
  const update = sql`
    update llmr.reply set status = 'complete', digest = decode(${digest?.digest ?? null}::text, 'hex'),
      prefix_digest = decode(${digest?.prefixDigest ?? null}::text, 'hex'), length = ${digest?.length ?? null}::integer
    where request_id = ${requestId} and tenant = ${tenant} and principal = ${principal} and status = 'open'`
  if (toolCalls.length === 0) return update
  return sql`
    with ended as (${update} returning id)
    insert into llmr.tool_call (reply, position, tenant, principal, call_id, name, arguments)
    select ended.id, given.number - 1, ${tenant}, ${principal}, given.call_id, given.name, given.arguments
    from ended cross join unnest(
      ${toolCalls.map(({ id }) => storable(id))}::text[], ${toolCalls.map(({ name }) => storable(name))}::text[],
      ${toolCalls.map(({ argumentsText }) => storable(argumentsText))}::text[]
    ) with ordinality as given (call_id, name, arguments, number)
    on conflict (reply, position) do nothing`
}
