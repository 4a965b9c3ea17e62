/** What `llmr top` shows: one moment of one gateway. */
export interface TopSnapshot {
  /** Milliseconds since the epoch, of the machine that asked. */
  readonly atMs: number
  readonly gateway: { readonly url: string; readonly version: string; readonly startedAtMs: number }
  /** Who records requests right now. */
  readonly recordedBy?: readonly string[]
  readonly pools: readonly TopPool[]
  /** Those that the gateway starts itself. */
  readonly models: readonly TopModel[]
  /** Those that were running before it; the models above are backends as well, and are left out. */
  readonly backends: readonly TopBackend[]
  readonly queue: readonly TopWaiter[]
  /** The latest first. */
  readonly requests: readonly TopRequest[]
  /** Tokens a second over the last minute, in equal parts, the oldest first. */
  readonly tokenRates: readonly number[]
}

export interface TopPool {
  readonly name: string
  readonly sizeBytes: number
  readonly usedBytes: number
}

export interface TopModel {
  readonly name: string
  readonly phase: string
  readonly isPinned: boolean
  readonly running: number
  readonly slots: number
  readonly queued: number
  readonly sizeBytes: number
  /** From 0 to 1, of a load under way: by the time that it is expected to take. */
  readonly loadedShare?: number
  readonly idleMs?: number
  /** Its last load failed. */
  readonly retryInMs?: number
}

export interface TopBackend {
  readonly name: string
  readonly kind: string
  readonly status: string
  readonly inflight: number
  readonly waiting: number
  readonly cause?: string
}

export interface TopWaiter {
  readonly requestId: string
  readonly model: string
  readonly principal: string
  readonly lane: string
  readonly position: number
  readonly waitedMs: number
  readonly withinMs: number
  readonly isOverdue: boolean
}

export interface TopRequest {
  readonly requestId: string
  readonly startedAtMs: number
  readonly status: number
  readonly model: string
  readonly principal: string
  readonly durationMs: number
  readonly firstByteMs?: number
  readonly promptTokens?: number
  readonly completionTokens?: number
  readonly errorCode?: string
  readonly isClientGone: boolean
}
