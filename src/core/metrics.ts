import type { FailureCause } from './backend.ts'
import type { RecallMode } from './recall-mode.ts'
import type { RequestRecord } from './request-record.ts'

/** What the request path counts; `telemetry` makes the real one. Every call is synchronous and takes about a microsecond. */
export interface Metrics {
  /** Once for each request, as soon as it has a record; `requestFinished` must follow. */
  requestStarted(): void
  requestFinished(record: RequestRecord): void
  backendFailed(failure: { readonly backend: string; readonly model: string; readonly cause: FailureCause }): void
  /** Something was changed in a request with tools, or in its reply; both names are llmr's own. */
  toolcallsIntervened(intervention: { readonly kind: string; readonly rule?: string; readonly model: string }): void
  /** What a conversation holds for a request was looked for; not found: the store did not answer in time. */
  retrieved(retrieval: { readonly mode: RecallMode; readonly durationMs: number; readonly isFound: boolean }): void
  /** A request was given back something of its conversation. */
  contextInjected(context: { readonly tokens: number }): void
  /** It was found out which conversation a request belongs to, or not in time. */
  identityResolved(resolution: { readonly tier: string; readonly durationMs: number }): void
  /** An engine that llmr starts or stops has been through one phase of that. */
  swapPhaseEnded(stretch: { readonly model: string; readonly phase: SwapPhase; readonly durationMs: number }): void
}

/** What a swap is made of: the first four are of the model that goes, the others of the one that comes. */
export type SwapPhase = 'drain' | 'save' | 'stop' | 'memory' | 'spawn' | 'load' | 'restore'

/** How the backends stand at this moment, asked for when somebody reads the metrics. */
export interface FleetSnapshot {
  readonly backends: readonly BackendStanding[]
}

export interface BackendStanding {
  readonly name: string
  readonly isUp: boolean
  /** Requests it works on for this gateway. */
  readonly inflight: number
  /** Every breaker that exists, closed ones too, so that a graph shows when one closed. */
  readonly breakers: readonly { readonly model: string; readonly isOpen: boolean }[]
}

/** For parts that are used alone, in tests and in one-shot commands. */
export const silentMetrics: Metrics = {
  requestStarted: () => undefined,
  requestFinished: () => undefined,
  backendFailed: () => undefined,
  toolcallsIntervened: () => undefined,
  retrieved: () => undefined,
  contextInjected: () => undefined,
  identityResolved: () => undefined,
  swapPhaseEnded: () => undefined,
}
