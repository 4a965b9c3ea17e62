import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Lineage, Turn } from '../core/turn.ts'
import type { Tables } from './database.ts'

export interface Keeping {
  /** From the start of the request on. */
  readonly keepMs: number
}

/** The tables `turn`, `reply`, `tool_call` and `lineage`. Every method rejects when the database fails. */
export class Turns {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** All or none. Those that are there already stay as they are, so the same may be added any number of times. */
  async add(turns: readonly Turn[], { keepMs }: Keeping): Promise<void> {
    if (turns.length === 0) return
    await this.#query.transaction().execute(async (transaction) => {
      const added = await transaction
        .insertInto('turn')
        .values(turns.map((turn) => turnRow(turn, keepMs)))
        .onConflict((conflict) => conflict.column('request_id').doNothing())
        .returning('request_id')
        .execute()
      const isNew = new Set(added.map(({ request_id: id }) => id))
      const fresh = turns.filter(({ requestId }) => isNew.delete(requestId))
      if (fresh.length > 0) await transaction.insertInto('reply').values(fresh.map(replyRow)).execute()
      const calls = fresh.flatMap(toolCallRows)
      if (calls.length > 0) await transaction.insertInto('tool_call').values(calls).execute()
    })
  }

  /** As with turns. */
  async addLineage(flows: readonly Lineage[], { keepMs }: Keeping): Promise<void> {
    if (flows.length === 0) return
    await this.#query
      .insertInto('lineage')
      .values(flows.map((flow) => lineageRow(flow, keepMs)))
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute()
  }

  /** Of these turns those that are there. */
  async known(requestIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (requestIds.length === 0) return new Set()
    const { rows } = await sql<{ id: string }>`
      select request_id as id from llmr.turn where request_id = any(${requestIds}::text[])`.execute(this.#query)
    return new Set(rows.map(({ id }) => id))
  }

  /** Takes away what has expired, at most so many at once. Resolves to their number. */
  async removeExpired(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.turn where request_id in (
        select request_id from llmr.turn
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows)
  }

  async removeExpiredLineage(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.lineage where request_id in (
        select request_id from llmr.lineage
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows)
  }
}

function turnRow(turn: Turn, keepMs: number) {
  return {
    request_id: turn.requestId,
    correlation_id: storable(turn.correlationId),
    principal: storable(turn.principal),
    conversation: turn.conversation === undefined ? null : storable(turn.conversation),
    kind: storable(turn.kind),
    requested_model: turn.requestedModel === undefined ? null : storable(turn.requestedModel),
    input: JSON.stringify(turn.input),
    started_at: new Date(turn.startedAtMs),
    expires_at: new Date(turn.startedAtMs + keepMs),
  }
}

function replyRow(turn: Turn) {
  return {
    request_id: turn.requestId,
    model: turn.model === undefined ? null : storable(turn.model),
    backend: turn.backend ?? null,
    outcome: turn.outcome,
    finish_reason: turn.finishReason ?? null,
    output: JSON.stringify(turn.output),
    prompt_tokens: turn.promptTokens ?? null,
    cached_tokens: turn.cachedTokens ?? null,
    completion_tokens: turn.completionTokens ?? null,
    finished_at: new Date(turn.startedAtMs + turn.durationMs),
  }
}

function toolCallRows({ requestId, principal, toolCalls }: Turn) {
  return toolCalls.map(({ id, name, argumentsText }, position) => ({
    request_id: requestId,
    position,
    principal: storable(principal),
    call_id: storable(id),
    name: storable(name),
    arguments: storable(argumentsText),
  }))
}

function lineageRow(flow: Lineage, keepMs: number) {
  return {
    request_id: flow.requestId,
    correlation_id: storable(flow.correlationId),
    principal: storable(flow.principal),
    operation: flow.operation,
    model: flow.model === undefined ? null : storable(flow.model),
    backend: flow.backend ?? null,
    status: flow.status,
    started_at: new Date(flow.startedAtMs),
    duration_ms: Math.round(flow.durationMs),
    facts: JSON.stringify(flow.facts),
    expires_at: new Date(flow.startedAtMs + keepMs),
  }
}

/** PostgreSQL's text holds every character but this one, and no half of a pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}
