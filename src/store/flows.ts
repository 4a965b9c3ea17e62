import { sql } from 'kysely'
import type { Kysely, Selectable } from 'kysely'

import type { DeferredStep, Flow, FlowEdge, FlowSource, FlowStep } from '../core/flow.ts'
import type { Tables } from './database.ts'
import type { FlowSourceTable, FlowTable } from './flow-tables.ts'
import { addFlowSteps, type Keeping } from './flow-steps.ts'
import { edgeFromRow, edgeToRow, sourceFromRow, stepFromRow, stepToRow } from './flow-rows.ts'
import { storable, storableOrNull } from './storable-text.ts'

/** The tables `flow`, `flow_source` and `flow_step`. Every method rejects when the database fails. */
export class Flows {
  readonly #query: Kysely<Tables>

  constructor(query: Kysely<Tables>) {
    this.#query = query
  }

  /**
   * All or none. Those that are there already stay as they are, so the same may be added any number of times. One of a
   * conversation that was forgotten meanwhile is not kept.
   */
  async add(flows: readonly Flow[], { keepMs }: Keeping): Promise<void> {
    if (flows.length === 0) return
    await this.#query.transaction().execute(async (transaction) => {
      const forgotten = await this.#forgotten(transaction, flows)
      const kept = flows.filter(({ conversation }) => conversation === undefined || !forgotten.has(conversation))
      if (kept.length === 0) return
      const added = await transaction
        .insertInto('flow')
        .values(kept.map((flow) => flowRow(flow, keepMs)))
        .onConflict((conflict) => conflict.column('request_id').doNothing())
        .returning('request_id')
        .execute()
      const isNew = new Set(added.map(({ request_id: id }) => id))
      const sources = kept.filter(({ requestId }) => isNew.delete(requestId)).flatMap(sourceRows)
      if (sources.length === 0) return
      await transaction
        .insertInto('flow_source')
        .values(sources)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
  }

  /** What workers have done; see `addFlowSteps`. */
  addSteps(steps: readonly DeferredStep[], keeping: Keeping): Promise<void> {
    return addFlowSteps(this.#query, steps, keeping)
  }

  /**
   * Every flow with that request id or correlation id, the oldest first, and at most so many; of one tenant, or of all. What
   * workers did for its request later is in it, as steps and edges like the others.
   */
  async find({
    id,
    tenant,
    most,
  }: {
    readonly id: string
    readonly tenant?: string
    readonly most: number
  }): Promise<readonly Flow[]> {
    const rows = await this.#query
      .selectFrom('flow')
      .selectAll()
      .where((eb) => eb.or([eb('request_id', '=', id), eb('correlation_id', '=', id)]))
      .$if(tenant !== undefined, (query) => query.where('tenant', '=', tenant ?? ''))
      .orderBy('started_at')
      .limit(most)
      .execute()
    if (rows.length === 0) return []
    const ids = rows.map(({ request_id: requestId }) => requestId)
    const sources = await this.#query
      .selectFrom('flow_source')
      .selectAll()
      .where('request_id', 'in', ids)
      .orderBy('rank')
      .execute()
    const later = await this.#query
      .selectFrom('flow_step')
      .selectAll()
      .where('request_id', 'in', ids)
      .orderBy('started_at')
      .orderBy('type')
      .orderBy('part')
      .execute()
    const sourcesOf = Map.groupBy(sources, (row) => row.request_id)
    const laterOf = Map.groupBy(later, (row) => row.request_id)
    return rows.map((row) => {
      const flow = fromRow(row, sourcesOf.get(row.request_id) ?? [])
      return (laterOf.get(row.request_id) ?? []).reduce(
        (whole, step) =>
          withDeferred(whole, {
            type: step.type,
            startedUs: (step.started_at.getTime() - flow.startedAtMs) * 1000,
            durationUs: Number(step.duration_us),
            ref: step.ref ?? undefined,
            facts: step.facts ?? undefined,
          }),
        flow,
      )
    })
  }

  /** Takes away what has expired, at most so many at once. Resolves to their number. */
  async removeExpired(most: number): Promise<number> {
    const { numAffectedRows: steps } = await sql`
      delete from llmr.flow_step where (request_id, type, part) in (
        select request_id, type, part from llmr.flow_step
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    const { numAffectedRows: flows } = await sql`
      delete from llmr.flow where request_id in (
        select request_id from llmr.flow
        where expires_at <= now() order by expires_at limit ${most} for update skip locked
      )`.execute(this.#query)
    return Math.max(Number(steps), Number(flows))
  }

  async #forgotten(transaction: Kysely<Tables>, flows: readonly Flow[]): Promise<ReadonlySet<string>> {
    const ids = [...new Set(flows.flatMap(({ conversation }) => conversation ?? []))]
    if (ids.length === 0) return new Set()
    const rows = await transaction
      .selectFrom('forgotten')
      .select('conversation')
      .where('conversation', 'in', ids)
      .execute()
    return new Set(rows.map(({ conversation }) => conversation))
  }
}

/** After what it goes back to: the last reply, or the step that stored it. */
function withDeferred(flow: Flow, step: FlowStep): Flow {
  const stored = flow.steps.findLastIndex(({ type }) => type === 'persist')
  const made = flow.steps.findLastIndex(({ type, hasFailed }) => type === 'generate' && hasFailed !== true)
  const edge: FlowEdge = {
    from: Math.max(0, stored === -1 ? made : stored),
    to: flow.steps.length,
    relation: step.type === 'persist' ? 'derived-from' : 'used',
  }
  return { ...flow, steps: [...flow.steps, step], edges: [...flow.edges, edge] }
}

function flowRow(flow: Flow, keepMs: number) {
  return {
    request_id: flow.requestId,
    correlation_id: storable(flow.correlationId),
    tenant: storable(flow.tenant),
    principal: storable(flow.principal),
    conversation: flow.conversation ?? null,
    operation: flow.operation,
    kind: storableOrNull(flow.kind),
    model: storableOrNull(flow.model),
    backend: storableOrNull(flow.backend),
    status: flow.status,
    started_at: new Date(flow.startedAtMs),
    duration_ms: Math.round(flow.durationMs),
    steps: storable(JSON.stringify(flow.steps.map(stepToRow))),
    edges: JSON.stringify(flow.edges.map(edgeToRow)),
    expires_at: new Date(flow.startedAtMs + keepMs),
  }
}

function sourceRows({ requestId, tenant, sources }: Flow) {
  return sources.map((source: FlowSource) => ({
    request_id: requestId,
    kind: source.kind,
    ref: storable(source.ref),
    tenant: storable(tenant),
    digest: source.digest ?? null,
    rank: Math.min(source.rank, 32_767),
    score: source.score ?? null,
    injected: source.isInjected,
    tokens: source.tokens ?? null,
    reason: storableOrNull(source.reason),
  }))
}

function fromRow(row: Selectable<FlowTable>, sources: readonly Selectable<FlowSourceTable>[]): Flow {
  return {
    requestId: row.request_id,
    correlationId: row.correlation_id,
    tenant: row.tenant,
    principal: row.principal,
    conversation: row.conversation ?? undefined,
    operation: row.operation,
    kind: row.kind ?? undefined,
    model: row.model ?? undefined,
    backend: row.backend ?? undefined,
    status: row.status,
    startedAtMs: row.started_at.getTime(),
    durationMs: row.duration_ms,
    steps: row.steps.map(stepFromRow),
    edges: row.edges.map(edgeFromRow),
    sources: sources.map(sourceFromRow),
  }
}
