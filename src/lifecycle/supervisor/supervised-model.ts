import { setTimeout as delay } from 'node:timers/promises'

import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import { Instance } from '../instance/instance.ts'
import type { InstanceOptions, Ready } from '../instance/instance.ts'
import type { InstancePhase, InstanceReport, InstanceState } from '../instance/instance-state.ts'
import type { LaunchFailure } from '../instance/launch-failure.ts'
import { isOutdated } from '../launch-plan.ts'
import type { ModelLaunch } from '../launch-plan.ts'
import type { LogRing } from '../output/log-ring.ts'
import { readProcess } from '../process/process-table.ts'
import { Run } from '../instance/run.ts'
import type { RunParts } from '../instance/run.ts'
import { afterCrash, afterFailure, noBackOff } from './back-off.ts'
import type { BackOff } from './back-off.ts'
import type { InstanceStatus } from './instance-status.ts'
import type { SupervisorEvent } from './supervisor-event.ts'

export interface SupervisedModelOptions extends Omit<
  InstanceOptions,
  'newRun' | 'onReport' | 'onState' | 'ring' | 'logger' | 'clock'
> {
  readonly launch: ModelLaunch
  readonly ring: LogRing
  readonly runParts: Omit<RunParts, 'launch' | 'ring'>
  readonly clock: Clock
  readonly report: (event: SupervisorEvent) => void
  readonly onState: (state: InstanceState) => void
}

/** After so many loads in a row that failed whoever waits is told, instead of waiting for another. */
const failedLoadsMax = 2

/** Some engines close their connections first and end then, within a few milliseconds. */
const dyingMs = 50
const dyingPollMs = 5

/** One model: its instance, who waits for it, and when it may be tried again. */
export class SupervisedModel {
  readonly #options: SupervisedModelOptions
  readonly #instance: Instance
  readonly #readyWaiters = new Set<PromiseWithResolvers<Ready>>()
  readonly #downWaiters = new Set<() => void>()
  #launch: ModelLaunch
  #backOff: BackOff = noBackOff
  /** In a row. Crashes do not count: an engine that has loaded may load again. */
  #failedLoads = 0
  #lastFailure: LaunchFailure | undefined
  #sinceMs: number
  #readySinceMs = 0

  constructor(options: SupervisedModelOptions) {
    this.#options = options
    this.#launch = options.launch
    this.#sinceMs = options.clock.monotonic()
    this.#instance = new Instance({
      ...options,
      logger: options.runParts.logger,
      newRun: () => new Run({ ...options.runParts, launch: this.#launch, ring: options.ring }),
      onReport: (report) => this.#onReport(report),
      onState: (state) => this.#onState(state),
    })
  }

  get ring(): LogRing {
    return this.#options.ring
  }

  get ready(): Ready | undefined {
    return this.#instance.ready
  }

  get phase(): InstancePhase {
    return this.#instance.state.phase
  }

  get pid(): number | undefined {
    return this.#instance.run?.pid
  }

  get url(): string | undefined {
    return this.#instance.run?.plan?.url
  }

  /** Files that a load reads. */
  get weights(): { readonly files: readonly string[]; readonly isDirectIo: boolean } {
    return this.#launch.planFor(this.#launch.port ?? 0).weights
  }

  get isOutdated(): boolean {
    const plan = this.#instance.run?.plan
    return plan !== undefined && isOutdated(plan, this.#launch)
  }

  /** Counts from the next start on. Another command deserves a fresh try. */
  relaunchAs(launch: ModelLaunch): void {
    const port = launch.port ?? 0
    if (JSON.stringify(launch.planFor(port)) !== JSON.stringify(this.#launch.planFor(port))) this.#beginAnew()
    this.#launch = launch
  }

  start(): void {
    this.#instance.send({ type: 'start-wanted' })
  }

  /** Frees its memory in the way that makes it come back soonest; `isFinal`: all of it. */
  yieldMemory({ isFinal }: { readonly isFinal: boolean }): void {
    const canSleep = !isFinal && this.#instance.run?.plan?.sleep !== undefined
    this.#instance.send(canSleep ? { type: 'sleep-wanted' } : { type: 'stop-wanted', isUrgent: false })
  }

  /**
   * Resolves when it serves, having started it if need be.
   *
   * @throws LlmrError when its start fails, when it may not be tried again yet, or when it is stopped meanwhile.
   */
  ensureReady(): Promise<Ready> {
    const waitMs = this.#backOff.retryAtMs - this.#options.clock.monotonic()
    const isDown = this.phase === 'failed' || this.phase === 'stopped'
    if (isDown && waitMs > 0 && this.#lastFailure !== undefined) {
      return Promise.reject(this.#failed(this.#lastFailure, waitMs))
    }
    const waiter = Promise.withResolvers<Ready>()
    this.#readyWaiters.add(waiter)
    this.start()
    return waiter.promise
  }

  /** Resolves when its processes are gone and its memory is free. Requests at work end first, unless it is urgent. */
  stop({ isUrgent }: { readonly isUrgent: boolean }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#downWaiters.add(resolve)
    this.#instance.send({ type: 'stop-wanted', isUrgent })
    return promise
  }

  /** False when its process runs on; true when it has ended, once that has been reported. */
  async hasDied(): Promise<boolean> {
    const { pid } = this
    if (pid === undefined) return true
    const lookUntilMs = performance.now() + dyingMs
    while (this.#looksWell(pid)) {
      if (performance.now() >= lookUntilMs) return false
      await delay(dyingPollMs)
    }
    if (pid === this.pid) await new Promise<void>((resolve) => this.#downWaiters.add(resolve))
    return true
  }

  #looksWell(pid: number): boolean {
    return pid === this.pid && this.phase !== 'stopping' && readProcess(pid)?.isEnding === false
  }

  status(): InstanceStatus {
    const { run, ready } = this.#instance
    return {
      model: this.#launch.name,
      phase: this.phase,
      sinceMs: this.#sinceMs,
      isOutdated: this.isOutdated,
      failures: this.#backOff.failures,
      retryAtMs: this.#backOff.retryAtMs,
      ...(run?.pid !== undefined && { pid: run.pid }),
      ...(run?.plan !== undefined && { url: run.plan.url }),
      ...(run?.logPath !== undefined && { logFile: run.logPath }),
      ...(ready !== undefined && { loadMs: ready.loadMs }),
      ...(this.#lastFailure !== undefined && { lastFailure: this.#lastFailure }),
    }
  }

  #onState(state: InstanceState): void {
    const nowMs = this.#options.clock.monotonic()
    this.#sinceMs = nowMs
    if (state.phase === 'ready') this.#readySinceMs = nowMs
    // Judged at once: how long its end takes says nothing about how well it served.
    if (state.phase === 'stopping' && state.outcome.type === 'crashed') {
      this.#backOff = afterCrash(this.#backOff, { servedMs: nowMs - this.#readySinceMs, nowMs })
    }
    if (state.phase === 'failed') this.#refuseWaiters(this.#failed(state.failure))
    if (state.phase === 'stopped' || (state.phase === 'sleeping' && state.isAsleep))
      this.#refuseWaiters(this.#stopped())
    this.#options.onState(state)
  }

  #onReport(report: InstanceReport): void {
    const model = this.#launch.name
    const { report: tell } = this.#options
    switch (report.type) {
      case 'loaded': {
        const { ready } = this.#instance
        if (ready === undefined) return
        this.#failedLoads = 0
        for (const waiter of take(this.#readyWaiters)) waiter.resolve(ready)
        return tell({ type: 'loaded', model, loadMs: ready.loadMs })
      }
      case 'stopped':
        this.#beginAnew()
        tell({ type: 'stopped', model, ...(report.isAsleep && { isAsleep: true }) })
        break
      case 'load-failed': {
        const { failure } = report
        this.#lastFailure = failure
        this.#backOff = afterFailure(this.#backOff, this.#options.clock.monotonic())
        this.#failedLoads++
        const { retryAtMs } = this.#backOff
        const isRetryable = failure.isTransient && this.#failedLoads < failedLoadsMax
        this.#tellFailure(failure, 'a model could not be loaded')
        tell({ type: 'loadFailed', model, cause: failure.cause, isRetryable, retryAtMs, failure })
        break
      }
      case 'crashed':
        this.#lastFailure = report.failure
        this.#tellFailure(report.failure, 'an engine ended unasked')
        tell({ type: 'crashed', model, retryAtMs: this.#backOff.retryAtMs, failure: report.failure })
        break
    }
    for (const resolve of take(this.#downWaiters)) resolve()
  }

  #beginAnew(): void {
    this.#backOff = noBackOff
    this.#failedLoads = 0
  }

  #tellFailure({ code, cause, exit }: LaunchFailure, message: string): void {
    const fields = { model: this.#launch.name, code, cause, exit_code: exit?.code, exit_signal: exit?.signal }
    this.#options.runParts.logger.error(fields, message)
  }

  #refuseWaiters(error: LlmrError): void {
    for (const waiter of take(this.#readyWaiters)) waiter.reject(error)
  }

  #failed({ cause, code, isTransient }: LaunchFailure, waitMs?: number): LlmrError {
    const { name } = this.#launch
    return new LlmrError('no_backend_available', `${name} could not be loaded (${code}): ${cause}`, {
      isRetryable: isTransient,
      ...(waitMs !== undefined && { retryAfterSeconds: Math.ceil(waitMs / 1000) }),
    })
  }

  #stopped(): LlmrError {
    return new LlmrError('no_backend_available', `${this.#launch.name} was stopped before it was ready.`, {
      isRetryable: true,
    })
  }
}

/** All that is in a set, which is empty afterwards: whoever is told may add itself again. */
function take<Item>(set: Set<Item>): readonly Item[] {
  const items = [...set]
  set.clear()
  return items
}
