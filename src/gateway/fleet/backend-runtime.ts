import { type Connection, type ConnectionLimits, openConnection } from '../../backends/connection.ts'
import { describeBackend } from '../../backends/describe-backend.ts'
import { BackendFailure, failureFromError } from '../../backends/failure.ts'
import type { BackendDescription, BackendSettings, FailureCause } from '../../core/backend.ts'
import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import type { ModelResidence } from '../../core/gateway-state.ts'
import type { Logger } from '../../core/logger.ts'
import type { BackendStanding } from '../../core/metrics.ts'
import {
  admits,
  admittedInMs,
  breakerAfter,
  type BreakerEvent,
  type BreakerSettings,
  type BreakerState,
  closedBreaker,
} from '../../resilience/breaker.ts'
import type { CandidateLoad } from '../../resilience/candidate-load.ts'
import { type FirstByteLatency, latencyAfter, latencyAt } from '../../resilience/first-byte-latency.ts'
import {
  type BackendHealth,
  healthAfter,
  type HealthEvent,
  isAvailable,
  unknownHealth,
} from '../../resilience/health.ts'
import { AdmissionGate } from '../request/admission-gate.ts'
import { RemoteGateway } from './remote-gateway.ts'

export interface RuntimeSettings {
  readonly limits: ConnectionLimits
  readonly health: { readonly intervalMs: number; readonly failingIntervalMs: number; readonly timeoutMs: number }
  readonly breaker: BreakerSettings
  /** A first byte later than this counts as a failure of the breaker's, although it came. */
  readonly slowFirstByteMs: number | undefined
}

/** A healthy cloud tells by its replies how it is; asking it all the time would only use up its rate limit. */
const cloudIntervalMs = 300_000

/** Models of one backend that have state; clients cannot add to them, but an operator's globs might. */
const modelStatesMax = 1_000

/**
 * One backend as this gateway knows it: the connection, what it last said of itself, and the state of its health and
 * breakers. The only owner of all of these; decisions are the pure machines' of `resilience/`.
 */
export class BackendRuntime {
  readonly settings: BackendSettings
  readonly connection: Connection
  readonly gate: AdmissionGate | undefined
  description: BackendDescription | undefined

  readonly #runtime: RuntimeSettings
  readonly #instanceId: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #onChanged: () => void
  readonly #breakers = new Map<string, BreakerState>()
  readonly #latencies = new Map<string, FirstByteLatency>()
  /** Requests in flight whose first byte came so late that it counted as a failure. */
  readonly #isSlow = new Set<string>()
  #health: BackendHealth
  /** Present when it is another llmr. */
  #remote: RemoteGateway | undefined
  #inFlight = 0
  #lastError: string | undefined
  #timer: NodeJS.Timeout | undefined
  #checking: Promise<void> | undefined
  #isClosed = false

  constructor(parts: {
    /** Of this gateway. */
    instanceId: string
    settings: BackendSettings
    runtime: RuntimeSettings
    clock: Clock
    logger: Logger
    /** What it serves may have changed. */
    onChanged: () => void
  }) {
    this.settings = parts.settings
    this.#runtime = parts.runtime
    this.#instanceId = parts.instanceId
    this.#clock = parts.clock
    this.#logger = parts.logger.child({ backend: parts.settings.name })
    this.#onChanged = parts.onChanged
    this.connection = openConnection(parts.settings, parts.runtime.limits)
    this.gate = parts.settings.maxConcurrent === undefined ? undefined : new AdmissionGate(parts.settings.maxConcurrent)
    this.#health = unknownHealth(parts.clock.monotonic())
  }

  get limits(): ConnectionLimits {
    return this.#runtime.limits
  }

  get firstByteTimeoutMs(): number {
    return this.#runtime.limits.firstByteTimeoutMs
  }

  get health(): BackendHealth {
    return this.#health
  }

  get isUp(): boolean {
    return this.#health.status === 'healthy' || this.#health.status === 'loading'
  }

  /** How a model stands there, where the backend is another llmr that says so. */
  remoteModel(id: string): ModelResidence | undefined {
    return this.#remote?.model(id)
  }

  /** Asks the backend how it is and what it serves; one check at a time. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined
      this.#scheduleCheck()
    })
    return this.#checking
  }

  load(candidate: Candidate, nowMs: number): CandidateLoad {
    const latency = this.#latencies.get(candidate.model)
    return {
      candidate,
      inFlight: this.#inFlight,
      limit: this.settings.maxConcurrent ?? candidate.description?.slots ?? this.description?.slots,
      weight: this.settings.weight,
      latencyMs: latency === undefined ? undefined : latencyAt(latency, nowMs),
      isAvailable: isAvailable(this.#health),
      place: this.#remote?.forecast(candidate.model),
    }
  }

  breaker(model: string): BreakerState {
    return this.#breakers.get(model) ?? closedBreaker
  }

  /** A request is about to go. One of `served`, `failed` and `lost` follows. */
  sent(model: string, requestId: string): void {
    this.#inFlight++
    this.#remote?.sent(model)
    // A closed breaker has nothing to note, and almost every request meets a closed one.
    if (this.#breakers.has(model)) this.#step(model, { type: 'sent', requestId, nowMs: this.#clock.monotonic() })
  }

  /** The first byte of a good reply is here. */
  replied(model: string, requestId: string, firstByteMs: number): void {
    const nowMs = this.#clock.monotonic()
    if (this.#remote?.hasLoadedSince(model, firstByteMs) !== true) this.#noteLatency(model, firstByteMs, nowMs)
    if (this.#runtime.slowFirstByteMs !== undefined && firstByteMs > this.#runtime.slowFirstByteMs) {
      this.#isSlow.add(requestId)
      this.#step(model, { type: 'failed', requestId, nowMs, cause: 'slow_first_byte' })
    } else if (this.#breakers.has(model)) {
      this.#step(model, { type: 'replied' })
    }
  }

  served(model: string, requestId: string): void {
    this.#inFlight--
    this.#remote?.ended(model)
    const nowMs = this.#clock.monotonic()
    const wasSlow = this.#isSlow.delete(requestId)
    if (!wasSlow && this.#breakers.has(model)) this.#step(model, { type: 'succeeded', nowMs })
    this.#follow({ type: 'request-succeeded', nowMs })
  }

  failed(model: string, requestId: string, failure: BackendFailure, waitedMs: number): void {
    this.#inFlight--
    this.#remote?.ended(model)
    this.#isSlow.delete(requestId)
    const nowMs = this.#clock.monotonic()
    const { causeClass: cause } = failure
    if (cause === 'slow_first_byte') this.#noteLatency(model, waitedMs, nowMs)
    this.#step(model, {
      type: 'failed',
      requestId,
      nowMs,
      cause,
      retryAfterMs: failure.retryAfterSeconds === undefined ? undefined : failure.retryAfterSeconds * 1000,
    })
    this.#lastError = failure.message
    this.#follow({ type: 'request-failed', nowMs, cause })
  }

  lost(model: string, requestId: string): void {
    this.#inFlight--
    this.#remote?.ended(model)
    this.#isSlow.delete(requestId)
    if (this.#breakers.has(model)) this.#step(model, { type: 'lost', requestId, nowMs: this.#clock.monotonic() })
  }

  standing(): BackendStanding & BackendDetails {
    const nowMs = this.#clock.monotonic()
    return {
      name: this.settings.name,
      isUp: this.isUp,
      inflight: this.#inFlight,
      breakers: Array.from(this.#breakers, ([model, state]) => ({
        model,
        isOpen: !admits(state, nowMs),
        admittedInMs: Math.round(admittedInMs(state, nowMs)),
      })),
      status: this.#health.status,
      url: this.settings.url,
      kind: this.description?.kind ?? this.settings.kind,
      trust: this.settings.trust,
      version: this.description?.version,
      models: this.description?.models ?? [],
      slots: this.description?.slots,
      waiting: this.gate?.waiting ?? 0,
      cause: this.#health.cause,
      lastError: this.#health.status === 'healthy' ? undefined : this.#lastError,
    }
  }

  /** Starts no more checks and waits for requests in hand, which the connection's limits bound. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#remote?.close()
    await this.#checking
    await this.connection.close()
  }

  async destroy(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#remote?.close()
    await this.connection.destroy()
  }

  async #check(): Promise<void> {
    try {
      const before = this.description
      const { timeoutMs } = this.#runtime.health
      const description = await describeBackend(this.connection, { timeoutMs, previous: before })
      this.#followRemote(description)
      this.description = this.#remote?.refine(description) ?? description
      this.#follow({
        type: 'check-succeeded',
        nowMs: this.#clock.monotonic(),
        isLoading: description.isLoading ?? false,
      })
      if (JSON.stringify(before) !== JSON.stringify(this.description)) this.#onChanged()
    } catch (error) {
      if (this.#isClosed) return
      const failure =
        error instanceof BackendFailure
          ? error
          : failureFromError(error instanceof Error ? error : new Error(String(error)), {
              url: this.settings.url,
              hasReplyBegun: false,
            })
      this.#lastError = failure.message
      this.#follow({ type: 'check-failed', nowMs: this.#clock.monotonic(), cause: failure.causeClass })
    }
  }

  /** Another llmr tells by itself what it loads; one that has gone is looked after at once. */
  #followRemote({ kind }: BackendDescription): void {
    if (kind !== 'llmr' || this.#isClosed) {
      this.#remote?.close()
      this.#remote = undefined
      return
    }
    this.#remote ??= new RemoteGateway({
      connection: this.connection,
      instanceId: this.#instanceId,
      clock: this.#clock,
      logger: this.#logger,
      onChanged: () => {
        if (this.description === undefined || this.#isClosed) return
        this.description = this.#remote?.refine(this.description) ?? this.description
        this.#onChanged()
      },
      onStale: () => {
        // One that is under way may have asked too early.
        void (this.#checking ?? Promise.resolve()).then(() => (this.#isClosed ? undefined : this.check()))
      },
    })
    this.#remote.follow()
  }

  #scheduleCheck(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    const isRemote = this.settings.trust === 'cloud' && this.#health.status === 'healthy'
    const dueInMs = this.#health.nextCheckAtMs - this.#clock.monotonic()
    const delayMs = Math.max(isRemote ? cloudIntervalMs : 0, dueInMs)
    this.#timer = setTimeout(() => void this.check(), delayMs).unref()
  }

  #follow(event: HealthEvent): void {
    const before = this.#health
    const after = healthAfter(before, event, this.#runtime.health, Math.random)
    if (after === before) return
    this.#health = after
    if (after.status !== before.status) this.#logger.info(this.#change(before, after), 'a backend changed its status')
    // A failing request may have brought the next check forward; a check under way schedules its own successor.
    if (after.nextCheckAtMs < before.nextCheckAtMs && this.#checking === undefined) this.#scheduleCheck()
  }

  #change(before: BackendHealth, after: BackendHealth): Record<string, unknown> {
    const reason = after.status === 'healthy' ? undefined : this.#lastError
    return { status: after.status, was: before.status, cause: after.cause, reason, url: this.settings.url }
  }

  #step(model: string, event: BreakerEvent): void {
    const before = this.breaker(model)
    const after = breakerAfter(before, event, this.#runtime.breaker)
    if (after === before) return
    if (after === closedBreaker) this.#breakers.delete(model)
    else if (this.#breakers.has(model) || this.#breakers.size < modelStatesMax) this.#breakers.set(model, after)
    if (after.phase === before.phase) return
    this.#logger.warn(
      { model, phase: after.phase, was: before.phase, cause: after.phase === 'closed' ? undefined : after.cause },
      'a circuit breaker changed',
    )
  }

  #noteLatency(model: string, latencyMs: number, nowMs: number): void {
    const before = this.#latencies.get(model)
    if (before === undefined && this.#latencies.size >= modelStatesMax) return
    this.#latencies.set(model, latencyAfter(before, { latencyMs, nowMs }))
  }
}

/** What `llmr backends list` shows beyond the metrics. */
export interface BackendDetails {
  readonly status: BackendHealth['status']
  readonly url: string
  readonly kind: string
  readonly trust: string
  readonly version: string | undefined
  readonly models: BackendDescription['models']
  readonly slots: number | undefined
  readonly waiting: number
  readonly cause: FailureCause | undefined
  readonly lastError: string | undefined
}
