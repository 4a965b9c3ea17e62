import { type Connection, type ConnectionLimits, openConnection } from '../../backends/connection.ts'
import type { BackendFailure } from '../../backends/failure.ts'
import type { BackendDescription, BackendSettings, FailureCause } from '../../core/backend.ts'
import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import type { ModelResidence } from '../../core/gateway-state.ts'
import type { Logger } from '../../core/logger.ts'
import type { BackendStanding } from '../../core/metrics.ts'
import type { BreakerSettings, BreakerState } from '../../resilience/breaker.ts'
import type { CandidateLoad } from '../../resilience/candidate-load.ts'
import { type BackendHealth, isAvailable } from '../../resilience/health.ts'
import { AdmissionGate } from '../request/admission-gate.ts'
import { BackendWatch, type WatchSettings } from './backend-watch.ts'
import { ModelBreakers } from './model-breakers.ts'
import { ModelLatencies } from './model-latencies.ts'

export interface RuntimeSettings {
  readonly limits: ConnectionLimits
  readonly health: WatchSettings
  readonly breaker: BreakerSettings
  /** A first byte later than this counts as a failure of the breaker's, although it came. */
  readonly slowFirstByteMs: number | undefined
}

/**
 * One backend as this gateway knows it: the connection, what it last said of itself, and the state of its health and
 * breakers. The only owner of all of these; decisions are the pure machines' of `resilience/`.
 */
export class BackendRuntime {
  readonly settings: BackendSettings
  readonly connection: Connection
  readonly gate: AdmissionGate | undefined

  readonly #runtime: RuntimeSettings
  readonly #clock: Clock
  readonly #watch: BackendWatch
  readonly #breakers: ModelBreakers
  readonly #latencies = new ModelLatencies()
  /** Requests in flight whose first byte came so late that it counted as a failure. */
  readonly #isSlow = new Set<string>()
  #inFlight = 0

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
    const { settings, runtime, clock } = parts
    const logger = parts.logger.child({ backend: settings.name })
    this.settings = settings
    this.connection = openConnection(settings, runtime.limits)
    this.gate = settings.maxConcurrent === undefined ? undefined : new AdmissionGate(settings.maxConcurrent)
    this.#runtime = runtime
    this.#clock = clock
    this.#watch = new BackendWatch({ ...parts, logger, watch: runtime.health, connection: this.connection })
    this.#breakers = new ModelBreakers({ settings: runtime.breaker, logger })
  }

  get limits(): ConnectionLimits {
    return this.#runtime.limits
  }

  /** Requests it works on for this gateway. */
  get inFlight(): number {
    return this.#inFlight
  }

  get firstByteTimeoutMs(): number {
    return this.#runtime.limits.firstByteTimeoutMs
  }

  /** What it said last. */
  get description(): BackendDescription | undefined {
    return this.#watch.description
  }

  get health(): BackendHealth {
    return this.#watch.health
  }

  get isUp(): boolean {
    return this.health.status === 'healthy' || this.health.status === 'loading'
  }

  /** How a model stands there, where the backend is another llmr that says so. */
  remoteModel(id: string): ModelResidence | undefined {
    return this.#watch.remote?.model(id)
  }

  /** Asks the backend how it is and what it serves; one check at a time. Never rejects. */
  check(): Promise<void> {
    return this.#watch.check()
  }

  load(candidate: Candidate, nowMs: number): CandidateLoad {
    return {
      candidate,
      inFlight: this.#inFlight,
      limit: this.settings.maxConcurrent ?? candidate.description?.slots ?? this.description?.slots,
      weight: this.settings.weight,
      latencyMs: this.#latencies.at(candidate.model, nowMs),
      isAvailable: isAvailable(this.health),
      place: this.#watch.remote?.forecast(candidate.model),
    }
  }

  breaker(model: string): BreakerState {
    return this.#breakers.of(model)
  }

  /** A request is about to go. One of `served`, `failed` and `lost` follows. */
  sent(model: string, requestId: string): void {
    this.#inFlight++
    this.#watch.remote?.sent(model)
    this.#breakers.stepUnlessClosed(model, { type: 'sent', requestId, nowMs: this.#clock.monotonic() })
  }

  /** The first byte of a good reply is here. */
  replied(model: string, requestId: string, firstByteMs: number): void {
    const nowMs = this.#clock.monotonic()
    if (this.#watch.remote?.hasLoadedSince(model, firstByteMs) !== true) this.#latencies.note(model, firstByteMs, nowMs)
    if (this.#runtime.slowFirstByteMs !== undefined && firstByteMs > this.#runtime.slowFirstByteMs) {
      this.#isSlow.add(requestId)
      this.#breakers.step(model, { type: 'failed', requestId, nowMs, cause: 'slow_first_byte' })
    } else {
      this.#breakers.stepUnlessClosed(model, { type: 'replied' })
    }
  }

  served(model: string, requestId: string): void {
    this.#inFlight--
    this.#watch.remote?.ended(model)
    const nowMs = this.#clock.monotonic()
    const wasSlow = this.#isSlow.delete(requestId)
    if (!wasSlow) this.#breakers.stepUnlessClosed(model, { type: 'succeeded', nowMs })
    this.#watch.follow({ type: 'request-succeeded', nowMs })
  }

  failed(model: string, requestId: string, failure: BackendFailure, waitedMs: number): void {
    this.#inFlight--
    this.#watch.remote?.ended(model)
    this.#isSlow.delete(requestId)
    const nowMs = this.#clock.monotonic()
    const { causeClass: cause } = failure
    if (cause === 'slow_first_byte') this.#latencies.note(model, waitedMs, nowMs)
    this.#breakers.step(model, {
      type: 'failed',
      requestId,
      nowMs,
      cause,
      retryAfterMs: failure.retryAfterSeconds === undefined ? undefined : failure.retryAfterSeconds * 1000,
    })
    this.#watch.follow({ type: 'request-failed', nowMs, cause }, failure.message)
  }

  lost(model: string, requestId: string): void {
    this.#inFlight--
    this.#watch.remote?.ended(model)
    this.#isSlow.delete(requestId)
    this.#breakers.stepUnlessClosed(model, { type: 'lost', requestId, nowMs: this.#clock.monotonic() })
  }

  standing(): BackendStanding & BackendDetails {
    const nowMs = this.#clock.monotonic()
    return {
      name: this.settings.name,
      isUp: this.isUp,
      inflight: this.#inFlight,
      breakers: this.#breakers.standing(nowMs),
      status: this.health.status,
      url: this.settings.url,
      kind: this.description?.kind ?? this.settings.kind,
      trust: this.settings.trust,
      version: this.description?.version,
      models: this.description?.models ?? [],
      slots: this.description?.slots,
      waiting: this.gate?.waiting ?? 0,
      cause: this.health.cause,
      lastError: this.#watch.lastError,
    }
  }

  /** Starts no more checks and waits for requests in hand, which the connection's limits bound. */
  async close(): Promise<void> {
    await this.#watch.close()
    await this.connection.close()
  }

  async destroy(): Promise<void> {
    this.#watch.stop()
    await this.connection.destroy()
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
