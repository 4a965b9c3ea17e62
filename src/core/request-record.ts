import type { FlowNotes } from './flow.ts'
import type { Operation } from './operation.ts'

/**
 * What is known of one request when it ends: the access log's canonical line, what the metrics count, and what
 * `llmr why` prints. Numbers and names only: no prompt, no reply, no credential.
 */
export interface RequestRecord {
  readonly requestId: string
  readonly correlationId: string
  readonly startedAtMs: number
  readonly method: string
  readonly path: string
  /** The route's stable name, a label of bounded choice; `other` for paths that are not llmr's. */
  route: string
  operation?: Operation
  principal?: string
  /** The principal's; absent where that is not known. */
  tenant?: string
  /** The client behind trusted proxies, else the peer. */
  clientAddress?: string
  requestedModel?: string
  /** The engine's name of the model that served, and where. */
  model?: string
  backend?: string
  /** Why this model and this backend, in a few words. */
  reason?: string
  kind?: RequestKind
  /** Which client task a background request is (`title_generation`…). */
  backgroundTask?: string
  isStream: boolean
  status: number
  errorCode?: string
  requestBytes: number
  responseBytes: number
  durationMs: number
  timeToFirstByteMs?: number
  promptTokens?: number
  cachedTokens?: number
  completionTokens?: number
  /** One entry for each backend asked before the one that served, or failed last. */
  readonly hops: Hop[]
  /** What happened when, milliseconds after the start; bounded by `timelineMax`. */
  readonly timeline: TimelineEntry[]
  isClientGone: boolean
  /** What stages noted for its lineage; bounded. */
  flow?: FlowNotes
}

export type RequestKind = 'user' | 'agent' | 'background' | 'embedding' | 'other'

export interface Hop {
  readonly backend: string
  readonly model: string
  readonly url: string
  /** Why it did not serve, as a cause class. */
  readonly cause: string
  readonly status?: number
  readonly message: string
  readonly durationMs: number
}

export interface TimelineEntry {
  readonly atMs: number
  readonly event: string
  readonly detail?: string
}

export const timelineMax = 64
