import type { ColumnType } from 'kysely'

import type { DeferredStepType, FlowFacts, FlowRelation, FlowSourceKind, FlowStepType } from '../core/flow.ts'

export interface FlowTable {
  readonly request_id: string
  readonly correlation_id: string
  readonly tenant: string
  readonly principal: string
  readonly conversation: string | null
  readonly operation: string
  readonly kind: string | null
  readonly model: string | null
  readonly backend: string | null
  readonly status: number
  readonly started_at: Date
  readonly duration_ms: number
  readonly steps: ColumnType<readonly StepRow[], string, string>
  readonly edges: ColumnType<readonly EdgeRow[], string, string>
  readonly expires_at: Date
}

/** A step as the column `steps` holds it. */
export interface StepRow {
  readonly type: FlowStepType
  readonly started_us: number
  readonly duration_us?: number
  readonly failed?: boolean
  readonly ref?: string
  readonly digest?: string
  readonly facts?: FlowFacts
}

export type EdgeRow = readonly [from: number, to: number, relation: FlowRelation]

export interface FlowSourceTable {
  readonly request_id: string
  readonly kind: FlowSourceKind
  readonly ref: string
  readonly tenant: string
  readonly digest: string | null
  readonly rank: number
  readonly score: number | null
  readonly injected: boolean
  readonly tokens: number | null
  readonly reason: string | null
}

export interface FlowStepTable {
  readonly request_id: string
  readonly type: DeferredStepType
  readonly part: string
  readonly tenant: string
  readonly principal: string
  readonly ref: string | null
  readonly started_at: Date
  readonly duration_us: ColumnType<string, number, number>
  readonly facts: ColumnType<FlowFacts | null, string | null, string | null>
  readonly expires_at: Date
}
