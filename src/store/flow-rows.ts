import type { Selectable } from 'kysely'

import type { FlowEdge, FlowSource, FlowStep } from '../core/flow.ts'
import type { EdgeRow, FlowSourceTable, StepRow } from './flow-tables.ts'

export function stepToRow({ type, startedUs, durationUs, hasFailed, ref, digest, facts }: FlowStep): StepRow {
  return {
    type,
    started_us: startedUs,
    ...(durationUs !== undefined && { duration_us: durationUs }),
    ...(hasFailed !== undefined && { failed: hasFailed }),
    ...(ref !== undefined && { ref }),
    ...(digest !== undefined && { digest }),
    ...(facts !== undefined && { facts }),
  }
}

export function stepFromRow({ type, started_us, duration_us, failed, ref, digest, facts }: StepRow): FlowStep {
  return { type, startedUs: started_us, durationUs: duration_us, hasFailed: failed, ref, digest, facts }
}

export function edgeToRow({ from, to, relation }: FlowEdge): EdgeRow {
  return [from, to, relation]
}

export function edgeFromRow([from, to, relation]: EdgeRow): FlowEdge {
  return { from, to, relation }
}

export function sourceFromRow(row: Selectable<FlowSourceTable>): FlowSource {
  return {
    kind: row.kind,
    ref: row.ref,
    digest: row.digest ?? undefined,
    rank: row.rank,
    score: row.score ?? undefined,
    isInjected: row.injected,
    tokens: row.tokens ?? undefined,
    reason: row.reason ?? undefined,
  }
}
