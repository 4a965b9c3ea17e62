import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Lineage } from '../core/turn.ts'
import type { Tables } from './database.ts'
import { storable, storableOrNull } from './storable-text.ts'

export interface Keeping {
  /** From the start of the request on. */
  readonly keepMs: number
}

/** The table `lineage`. Every method rejects when the database fails. */
export class Lineages {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /** All or none. Those that are there already stay as they are, so the same may be added any number of times. */
  async add(flows: readonly Lineage[], { keepMs }: Keeping): Promise<void> {
    if (flows.length === 0) return
    await this.#query
      .insertInto('lineage')
      .values(flows.map((flow) => lineageRow(flow, keepMs)))
      .onConflict((conflict) => conflict.column('request_id').doNothing())
      .execute()
  }

  /** Takes away what has expired, at most so many at once. Resolves to their number. */
  async removeExpired(most: number): Promise<number> {
    const { numAffectedRows } = await sql`
      delete from llmr.lineage where request_id in (
        select request_id from llmr.lineage
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Number(numAffectedRows)
  }
}

function lineageRow(flow: Lineage, keepMs: number) {
  return {
    request_id: flow.requestId,
    correlation_id: storable(flow.correlationId),
    principal: storable(flow.principal),
    operation: flow.operation,
    model: storableOrNull(flow.model),
    backend: flow.backend ?? null,
    status: flow.status,
    started_at: new Date(flow.startedAtMs),
    duration_ms: Math.round(flow.durationMs),
    facts: JSON.stringify(flow.facts),
    expires_at: new Date(flow.startedAtMs + keepMs),
  }
}
