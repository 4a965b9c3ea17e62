import type { MemoryScope } from './memory-scope.ts'

/** What can happen to a request. The last three are done by workers, after the reply. */
export const flowStepTypes = [
  'request',
  'classify',
  'resolve',
  'retrieve',
  'rerank',
  'inject',
  'route',
  'wait',
  'generate',
  'tool',
  'persist',
  'embed',
  'summarise',
] as const

export type FlowStepType = (typeof flowStepTypes)[number]

export type DeferredStepType = Extract<FlowStepType, 'persist' | 'embed' | 'summarise'>

/** Numbers, names and ids; never a word of what was said. */
export type FlowFacts = Readonly<Record<string, string | number | boolean | undefined>>

export interface FlowStep {
  readonly type: FlowStepType
  /** Since the start of the request, in microseconds. */
  readonly startedUs: number
  /** Absent where it took no time to speak of, or nobody measured it. */
  readonly durationUs?: number
  readonly hasFailed?: boolean
  /** What it made or used, by its name: a conversation's id, a backend and its model. */
  readonly ref?: string
  /** SHA-256 in hex of what it made, or was given. */
  readonly digest?: string
  readonly facts?: FlowFacts
}

/** How a later step stands to an earlier one; the words of W3C PROV. */
export const flowRelations = ['informed-by', 'used', 'derived-from', 'revision-of'] as const

export type FlowRelation = (typeof flowRelations)[number]

/** The step `to` is `relation` of the step `from`; both are places in the list of steps, and `from` is the smaller. */
export interface FlowEdge {
  readonly from: number
  readonly to: number
  readonly relation: FlowRelation
}

export const flowSourceKinds = ['round', 'file', 'summary', 'chunk'] as const

export type FlowSourceKind = (typeof flowSourceKinds)[number]

/** Something kept that was looked at for a request, whether the model was shown it or not. */
export interface FlowSource {
  readonly kind: FlowSourceKind
  /** The store's id of it. */
  readonly ref: string
  /** SHA-256 in hex of its content as it was then: which version. */
  readonly digest?: string
  /** Among those of its kind, from 1. */
  readonly rank: number
  readonly score?: number
  /** The model was shown it. */
  readonly isInjected: boolean
  /** That it took of the prompt. */
  readonly tokens?: number
  /** Why it was taken or left out, in a word: `window`, `floor`, `budget`. */
  readonly reason?: string
}

/** What stages note of a request while it runs, for its lineage. */
export interface FlowNotes {
  readonly steps: FlowStep[]
  readonly sources: FlowSource[]
}

export const flowStepsMax = 64
export const flowSourcesMax = 32

/** Which way one request took: steps as a graph without circles, of which the first is the request itself. */
export interface Flow extends MemoryScope {
  readonly requestId: string
  readonly correlationId: string
  /** As far as it was found out while the request ran. */
  readonly conversation?: string
  readonly operation: string
  readonly kind?: string
  readonly model?: string
  readonly backend?: string
  readonly status: number
  readonly startedAtMs: number
  readonly durationMs: number
  readonly steps: readonly FlowStep[]
  readonly edges: readonly FlowEdge[]
  readonly sources: readonly FlowSource[]
}

/** A step that a worker has done for a request, when its reply was long over. */
export interface DeferredStep extends MemoryScope {
  readonly requestId: string
  readonly type: DeferredStepType
  /** Where it is done in parts, which of them. */
  readonly part?: string
  readonly startedAtMs: number
  readonly durationUs: number
  readonly ref?: string
  readonly facts?: FlowFacts
}
