import type { Kysely } from 'kysely'

import type { DeferredStep } from '../core/flow.ts'
import type { Tables } from './database.ts'
import { storable, storableOrNull } from './storable-text.ts'

export interface Keeping {
  /** From the start of the request or the step on. */
  readonly keepMs: number
}

/** Something that a worker did, as lineage tells it. */
export interface WorkDone extends Keeping, Pick<DeferredStep, 'startedAtMs' | 'durationUs' | 'facts'> {}

/**
 * What workers have done. The same may come any number of times: a turn was kept when that was said first, of everything
 * else the latest counts. Handed the transaction in which it is done, a step is there exactly when what it tells of is.
 */
export async function addFlowSteps(
  query: Kysely<Tables>,
  steps: readonly DeferredStep[],
  { keepMs }: Keeping,
): Promise<void> {
  const latest = [...new Map(steps.map((step) => [`${step.requestId} ${step.type} ${step.part ?? ''}`, step])).values()]
  if (latest.length === 0) return
  await query
    .insertInto('flow_step')
    .values(latest.map((step) => stepRow(step, keepMs)))
    .onConflict((conflict) =>
      conflict
        .columns(['request_id', 'type', 'part'])
        .doUpdateSet((eb) => ({
          ref: eb.ref('excluded.ref'),
          started_at: eb.ref('excluded.started_at'),
          duration_us: eb.ref('excluded.duration_us'),
          facts: eb.ref('excluded.facts'),
        }))
        .where('flow_step.type', '<>', 'persist'),
    )
    .execute()
}

function stepRow(step: DeferredStep, keepMs: number) {
  return {
    request_id: step.requestId,
    type: step.type,
    part: step.part ?? '',
    tenant: storable(step.tenant),
    principal: storable(step.principal),
    ref: storableOrNull(step.ref),
    started_at: new Date(step.startedAtMs),
    duration_us: Math.round(step.durationUs),
    facts: step.facts === undefined ? null : storable(JSON.stringify(step.facts)),
    expires_at: new Date(step.startedAtMs + keepMs),
  }
}
