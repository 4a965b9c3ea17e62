import type { Connection } from '../../backends/connection.ts'
import { describeBackend } from '../../backends/describe-backend.ts'
import { BackendFailure, failureFromError } from '../../backends/failure.ts'
import type { BackendDescription, BackendSettings } from '../../core/backend.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import { type BackendHealth, healthAfter, type HealthEvent, unknownHealth } from '../../resilience/health.ts'
import { RemoteGateway } from './remote-gateway.ts'

export interface WatchSettings {
  readonly intervalMs: number
  readonly failingIntervalMs: number
  readonly timeoutMs: number
}

export interface WatchParts {
  /** Of this gateway. */
  readonly instanceId: string
  readonly settings: BackendSettings
  readonly watch: WatchSettings
  readonly connection: Connection
  readonly clock: Clock
  readonly logger: Logger
  /** What it serves may have changed. */
  readonly onChanged: () => void
}

/** A healthy cloud tells by its replies how it is; asking it all the time would only use up its rate limit. */
const cloudIntervalMs = 300_000

/** Asks one backend again and again how it is and what it serves, and remembers what it said last. */
export class BackendWatch {
  readonly #parts: WatchParts
  #description: BackendDescription | undefined
  #health: BackendHealth
  #lastError: string | undefined
  /** Present when it is another llmr. */
  #remote: RemoteGateway | undefined
  #timer: NodeJS.Timeout | undefined
  #checking: Promise<void> | undefined
  #isClosed = false

  constructor(parts: WatchParts) {
    this.#parts = parts
    this.#health = unknownHealth(parts.clock.monotonic())
  }

  get description(): BackendDescription | undefined {
    return this.#description
  }

  get health(): BackendHealth {
    return this.#health
  }

  get remote(): RemoteGateway | undefined {
    return this.#remote
  }

  /** Of a backend that is healthy there is none to tell. */
  get lastError(): string | undefined {
    return this.#health.status === 'healthy' ? undefined : this.#lastError
  }

  /** One check at a time. Never rejects. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined
      this.#scheduleCheck()
    })
    return this.#checking
  }

  /** What a request has shown of its health. */
  follow(event: HealthEvent, error?: string): void {
    if (error !== undefined) this.#lastError = error
    const before = this.#health
    const after = healthAfter(before, event, this.#parts.watch, Math.random)
    if (after === before) return
    this.#health = after
    if (after.status !== before.status) {
      this.#parts.logger.info(this.#change(before, after), 'a backend changed its status')
    }
    // A failing request may have brought the next check forward; a check under way schedules its own successor.
    if (after.nextCheckAtMs < before.nextCheckAtMs && this.#checking === undefined) this.#scheduleCheck()
  }

  /** No check begins from now on. */
  stop(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#remote?.close()
  }

  /** Waits for a check that is under way; it is bounded. */
  async close(): Promise<void> {
    this.stop()
    await this.#checking
  }

  async #check(): Promise<void> {
    const { connection, settings, watch, clock, onChanged } = this.#parts
    try {
      const before = this.#description
      const description = await describeBackend(connection, { timeoutMs: watch.timeoutMs, previous: before })
      this.#followRemote(description)
      this.#description = this.#remote?.refine(description) ?? description
      this.follow({ type: 'check-succeeded', nowMs: clock.monotonic(), isLoading: description.isLoading ?? false })
      if (JSON.stringify(before) !== JSON.stringify(this.#description)) onChanged()
    } catch (cause) {
      if (this.#isClosed) return
      const error = cause instanceof Error ? cause : new Error(String(cause))
      const failure =
        error instanceof BackendFailure ? error : failureFromError(error, { url: settings.url, hasReplyBegun: false })
      this.follow({ type: 'check-failed', nowMs: clock.monotonic(), cause: failure.causeClass }, failure.message)
    }
  }

  /** Another llmr tells by itself what it loads; one that has gone is looked after at once. */
  #followRemote({ kind }: BackendDescription): void {
    if (kind !== 'llmr' || this.#isClosed) {
      this.#remote?.close()
      this.#remote = undefined
      return
    }
    const { connection, instanceId, clock, logger, onChanged } = this.#parts
    this.#remote ??= new RemoteGateway({
      connection,
      instanceId,
      clock,
      logger,
      onChanged: () => {
        if (this.#description === undefined || this.#isClosed) return
        this.#description = this.#remote?.refine(this.#description) ?? this.#description
        onChanged()
      },
      onStale: () => {
        // One that is under way may have asked too early.
        void (this.#checking ?? Promise.resolve()).then(() => (this.#isClosed ? undefined : this.check()))
      },
    })
    this.#remote.follow()
  }

  #scheduleCheck(): void {
    const { settings, clock } = this.#parts
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    const isHealthyCloud = settings.trust === 'cloud' && this.#health.status === 'healthy'
    const dueInMs = this.#health.nextCheckAtMs - clock.monotonic()
    const delayMs = Math.max(isHealthyCloud ? cloudIntervalMs : 0, dueInMs)
    this.#timer = setTimeout(() => void this.check(), delayMs).unref()
  }

  #change(before: BackendHealth, after: BackendHealth): Record<string, unknown> {
    const { settings } = this.#parts
    return {
      status: after.status,
      was: before.status,
      cause: after.cause,
      reason: this.lastError,
      url: settings.url,
    }
  }
}
