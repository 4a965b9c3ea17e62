import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { ModelDescription } from '../../core/model.ts'
import type { LoadingState, WaitProgress } from '../../core/wait-progress.ts'
import type { RequestEdits } from '../../dialects/openai/edit-request.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import type { Ready } from '../../lifecycle/instance/instance.ts'
import type { ModelLaunch } from '../../lifecycle/launch-plan.ts'
import type { MemoryProbe } from '../../lifecycle/memory/memory-probe.ts'
import { startSupervisor, type Supervisor } from '../../lifecycle/supervisor/supervisor.ts'
import type { SupervisorEvent } from '../../lifecycle/supervisor/supervisor-event.ts'
import type { CandidateLoad } from '../../resilience/candidate-load.ts'
import { ripe } from '../../scheduling/policies/ripe.ts'
import type { Lane } from '../../scheduling/lane.ts'
import { createScheduler, type Scheduler } from '../../scheduling/scheduler.ts'
import type { RefuseEffect, SchedulerEffect } from '../../scheduling/scheduler-effect.ts'
import type { SchedulerEvent } from '../../scheduling/scheduler-event.ts'
import { schedulerDefaults, type SchedulerSettings } from '../../scheduling/scheduler-settings.ts'
import type { SchedulerSnapshot } from '../../scheduling/snapshot.ts'

/** A model that llmr itself starts and stops; as a backend it has the same name. */
export interface ManagedModel {
  readonly name: string
  /** Of backend, once it runs. */
  readonly kind: string
  readonly launch: ModelLaunch
  /** What is known of it before it runs; its id is the engine's name for it. */
  readonly description: ModelDescription
  readonly aliases: readonly string[]
  readonly isUnlisted: boolean
  readonly edits: RequestEdits
  /** How a stream is shown that it waits for this model. */
  readonly loadingState: LoadingState
  /** What the operator wants shown with it in the model list. */
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface ResidencyPlan {
  readonly models: readonly ManagedModel[]
  readonly scheduler: SchedulerSettings
  /** Loaded at the start. */
  readonly preload: readonly string[]
  /** How long a request may wait for its turn. */
  readonly queueTimeoutMs: number
  readonly memoryProbes: Readonly<Record<string, MemoryProbe>>
}

/** When a reload took every profile away. */
export const noModels: ResidencyPlan = {
  models: [],
  scheduler: { ...schedulerDefaults, models: [], pools: {}, policy: ripe },
  preload: [],
  queueTimeoutMs: 0,
  memoryProbes: {},
}

export interface ResidencyParts {
  readonly plan: ResidencyPlan
  readonly dataDirectory: string
  readonly clock: Clock
  readonly logger: Logger
  /** The model serves at this address from now on; called before any request is sent there. */
  readonly onLoaded: (model: ManagedModel, ready: Ready) => void
  /** Nothing is sent there from now on: the process is gone, or goes when it has ended what it has in hand. */
  readonly onGone: (name: string) => void
  /** For whoever measures swaps. */
  readonly onMoment?: (moment: EngineMoment) => void
}

interface Turn {
  /** Nobody is sent to the model for it. */
  readonly isLoadOnly?: true
  resolve(outcome: 'in' | 'gone'): void
  reject(error: LlmrError): void
}

type EventBody = SchedulerEvent extends infer Event
  ? Event extends { nowMs: number }
    ? Omit<Event, 'nowMs'>
    : never
  : never

/** Loads in a row that may fail before those who wait for one are refused. */
const loadAttemptsMax = 2

/**
 * The owner of who is in memory: the one place that tells the scheduler what happened and has its wishes carried out.
 * Nobody else asks whether a model runs in order to start it; a request asks for its turn, and waits.
 */
export class Residency {
  readonly #scheduler: Scheduler
  readonly #supervisor: Supervisor
  readonly #parts: ResidencyParts
  readonly #turns = new Map<string, Turn>()
  readonly #inside = new Map<string, string>()
  #plan: ResidencyPlan
  #managed: ReadonlyMap<string, ManagedModel>
  #timer: NodeJS.Timeout | undefined
  #loadCount = 0
  /** Told when a request has left. */
  #listeners: (() => void)[] = []
  /** Settled by the next end of a model that somebody waits for. */
  readonly #ends = new Map<string, PromiseWithResolvers<void>>()
  #closing: Promise<void> | undefined

  static async start(parts: ResidencyParts): Promise<Residency> {
    const { plan, dataDirectory, logger, onMoment } = parts
    let residency: Residency | undefined
    const supervisor = await startSupervisor({
      launches: plan.models.map(({ launch }) => launch),
      dataDirectory,
      logger,
      memoryProbes: plan.memoryProbes,
      onMoment,
      report: (event) => residency?.report(event),
      whenIdle: (model) => residency?.whenIdle(model) ?? Promise.resolve(),
    })
    residency = new Residency(parts, supervisor)
    for (const model of plan.preload) residency.load(model).catch(() => undefined) // told in the log by the supervisor
    return residency
  }

  private constructor(parts: ResidencyParts, supervisor: Supervisor) {
    this.#parts = parts
    this.#plan = parts.plan
    this.#managed = byName(parts.plan)
    this.#supervisor = supervisor
    this.#scheduler = createScheduler(parts.plan.scheduler)
  }

  get models(): readonly ManagedModel[] {
    return [...this.#managed.values()]
  }

  manages(name: string): boolean {
    return this.#managed.has(name)
  }

  editsFor(name: string): RequestEdits | undefined {
    return this.#managed.get(name)?.edits
  }

  loadingStateOf(name: string): LoadingState {
    return this.#managed.get(name)?.loadingState ?? 'off'
  }

  /** How far a request is that waits for its turn. */
  progress(requestId: string): WaitProgress | undefined {
    return this.#scheduler.progress(requestId, this.#now())
  }

  isLoaded(name: string): boolean {
    return this.#supervisor.ready(name) !== undefined
  }

  snapshot(): SchedulerSnapshot {
    return this.#scheduler.snapshot(this.#now())
  }

  status(): ReturnType<Supervisor['status']> {
    return this.#supervisor.status()
  }

  logs(name: string): ReturnType<Supervisor['logs']> {
    return this.#supervisor.logs(name)
  }

  /** For balancing: a model that has to be loaded first, or has others waiting, is worse than one that is there. */
  candidateLoad(candidate: Candidate): CandidateLoad {
    const standing = this.#scheduler.model(candidate.backend, this.#now())
    return {
      candidate,
      inFlight: (standing?.running ?? 0) + (standing?.queued ?? 0),
      limit: standing?.slots,
      weight: 1,
      isAvailable: true,
    }
  }

  /**
   * Resolves when it is this request's turn (`leave` is owed then) or its client has gone.
   *
   * @throws LlmrError why it was refused: a full queue, a load that failed, too long a wait
   */
  enter(request: {
    requestId: string
    model: string
    lane: Lane
    principal: string
    onCancel: (cancel: () => void) => void
  }): Promise<'in' | 'gone'> {
    const { requestId, model, lane, principal, onCancel } = request
    if (this.#closing !== undefined) return Promise.reject(shuttingDown())
    return new Promise((resolve, reject) => {
      this.#turns.set(requestId, { resolve, reject })
      onCancel(() => this.#cancel(requestId))
      // Called at once when the client has gone already: no model is brought in for nobody.
      if (!this.#turns.has(requestId)) return
      const deadlineMs = this.#now() + this.#plan.queueTimeoutMs
      this.#tell({ type: 'arrive', requestId, model, lane, principal, weight: 1, deadlineMs })
    })
  }

  leave(requestId: string): void {
    if (!this.#inside.delete(requestId)) return
    this.#tell({ type: 'finished', requestId })
    this.#announce()
  }

  /** After a connection to it broke: whether the engine is gone, as soon as that is known. */
  hasDied(name: string): Promise<boolean> {
    return this.#supervisor.hasDied(name)
  }

  /** Brings a model in without a request of its own. @throws LlmrError as `enter` */
  async load(model: string): Promise<void> {
    this.#expectManaged(model)
    if (this.#closing !== undefined) throw shuttingDown()
    const requestId = `load:${++this.#loadCount}`
    await new Promise<'in' | 'gone'>((resolve, reject) => {
      this.#turns.set(requestId, { isLoadOnly: true, resolve, reject })
      const deadlineMs = this.#now() + this.#plan.queueTimeoutMs
      this.#tell({
        type: 'arrive',
        requestId,
        model,
        lane: 'interactive',
        principal: 'operator',
        weight: 1,
        deadlineMs,
        isLoadOnly: true,
      })
    })
  }

  /** Resolves when the memory has been free, who waits may fill it again; what is at work ends first. Without a model: all. */
  async unload(model?: string): Promise<void> {
    if (model !== undefined) this.#expectManaged(model)
    this.#tell({ type: 'unload', model, waiting: 'keep' })
    const there = this.snapshot().models.filter(({ name, phase }) => phase !== 'absent' && (model ?? name) === name)
    await Promise.all(there.map(({ name }) => this.#end(name)))
  }

  /** Not put out for `forMs`; 0 ends that. Does not load it. */
  pin(model: string, forMs: number): void {
    this.#expectManaged(model)
    if (forMs > 0) this.#tell({ type: 'pin', model, untilMs: this.#now() + forMs })
    else this.#tell({ type: 'unpin', model })
  }

  /** Cuts nothing: engines whose command changed are started anew when nothing uses them. */
  configure(plan: ResidencyPlan): void {
    this.#plan = plan
    const before = this.#managed
    this.#managed = byName(plan)
    // It would pass for a backend like any other, and its stop would not wait for who was sent there past the queue.
    for (const name of before.keys()) if (!this.#managed.has(name)) this.#parts.onGone(name)
    const outdated = this.#supervisor.configure(plan.models.map(({ launch }) => launch))
    this.#tell({ type: 'configure', settings: plan.scheduler })
    for (const model of outdated) this.#tell({ type: 'unload', model, waiting: 'keep' })
  }

  /** Refuses whoever waits and ends every engine within the bound. May be called twice. */
  close(timeoutMs: number): Promise<void> {
    return (this.#closing ??= this.#close(timeoutMs))
  }

  report(event: SupervisorEvent): void {
    switch (event.type) {
      case 'loaded': {
        const model = this.#managed.get(event.model)
        const ready = this.#supervisor.ready(event.model)
        if (model !== undefined && ready !== undefined) this.#parts.onLoaded(model, ready)
        break
      }
      case 'loadFailed':
        this.#gone(event.model)
        this.#tell(this.#isGivenUp(event.model) ? { ...event, isRetryable: false } : event)
        return
      case 'stopped':
      case 'crashed':
        this.#gone(event.model)
        break
      case 'prefetched':
        return
    }
    this.#tell(event)
  }

  async whenIdle(model: string): Promise<void> {
    while (this.#inside.values().some((inside) => inside === model)) {
      await new Promise<void>((resolve) => this.#listeners.push(resolve))
    }
  }

  async #close(timeoutMs: number): Promise<void> {
    clearTimeout(this.#timer)
    for (const turn of this.#turns.values()) turn.reject(shuttingDown())
    this.#turns.clear()
    await this.#supervisor.close({ timeoutMs })
  }

  #cancel(requestId: string): void {
    const turn = this.#turns.get(requestId)
    if (turn === undefined) return
    this.#turns.delete(requestId)
    this.#tell({ type: 'cancel', requestId })
    turn.resolve('gone')
  }

  #tell(event: EventBody, notBeforeMs = 0): void {
    const effects = this.#scheduler.handle({ ...event, nowMs: Math.max(this.#now(), notBeforeMs) })
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: SchedulerEffect): void {
    switch (effect.type) {
      case 'serve': {
        const turn = this.#turns.get(effect.requestId)
        this.#turns.delete(effect.requestId)
        if (turn === undefined) {
          // It left in the same moment: its place must not stay taken.
          this.#tell({ type: 'finished', requestId: effect.requestId })
          break
        }
        if (turn.isLoadOnly !== true) this.#inside.set(effect.requestId, effect.model)
        turn.resolve('in')
        break
      }
      case 'refuse':
        this.#turns.get(effect.requestId)?.reject(refusal(effect))
        this.#turns.delete(effect.requestId)
        break
      case 'start':
      case 'stop':
        this.#parts.logger.info(
          { model: effect.model, because: effect.because },
          effect.type === 'start' ? 'a model is loaded' : 'a model is unloaded',
        )
        this.#supervisor.carryOut(effect)
        break
      case 'prefetch':
        this.#supervisor.carryOut(effect)
        break
      case 'wakeAt':
        clearTimeout(this.#timer)
        if (this.#closing !== undefined) break
        // A timer may be a fraction of a millisecond early, and would then change nothing and not be set again.
        this.#timer = setTimeout(
          () => this.#tell({ type: 'tick' }, effect.atMs),
          Math.max(0, effect.atMs - this.#now()),
        )
        this.#timer.unref()
        break
      case 'policyFailed':
        this.#parts.logger.error({ reason: effect.message }, 'the scheduling policy failed; the default decided')
        break
    }
  }

  /** Whoever waits for a load that failed again is told so, instead of waiting for a third. */
  #isGivenUp(name: string): boolean {
    const failures = this.#supervisor.status().find(({ model }) => model === name)?.failures ?? 0
    return failures >= loadAttemptsMax
  }

  #gone(name: string): void {
    this.#parts.onGone(name)
    this.#ends.get(name)?.resolve()
    this.#ends.delete(name)
  }

  /** Resolves when the model goes, which must be under way. */
  #end(name: string): Promise<void> {
    const end = this.#ends.get(name) ?? Promise.withResolvers<void>()
    this.#ends.set(name, end)
    return end.promise
  }

  /** A request has left: whoever waits for that looks again. */
  #announce(): void {
    const listeners = this.#listeners
    if (listeners.length === 0) return
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  #expectManaged(model: string): void {
    if (this.manages(model)) return
    const names = this.models.map(({ name }) => name).join(', ')
    throw new LlmrError('model_not_found', `There is no profile "${model}". There are: ${names}.`, { param: 'model' })
  }

  #now(): number {
    return this.#parts.clock.monotonic()
  }
}

function byName({ models }: ResidencyPlan): ReadonlyMap<string, ManagedModel> {
  return new Map(models.map((model) => [model.name, model]))
}

function shuttingDown(): LlmrError {
  return new LlmrError('shutting_down', 'llmr is shutting down; ask again in a moment.', { retryAfterSeconds: 5 })
}

function refusal({ code, message, retryAfterMs }: RefuseEffect): LlmrError {
  const retryAfterSeconds = retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000)
  return new LlmrError(code, message, { retryAfterSeconds })
}
