import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { Logger } from '../../core/logger.ts'
import type { LoadingState, WaitProgress } from '../../core/wait-progress.ts'
import type { RequestEdits } from '../../dialects/openai/edit-request.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import type { Ready } from '../../lifecycle/instance/instance.ts'
import { ConversationSaver, type ServedConversation } from '../../lifecycle/slots/conversation-saver.ts'
import { startSupervisor, type Supervisor } from '../../lifecycle/supervisor/supervisor.ts'
import type { SupervisorEvent } from '../../lifecycle/supervisor/supervisor-event.ts'
import type { CandidateLoad } from '../../resilience/candidate-load.ts'
import { forecastPlace } from '../../resilience/forecast-place.ts'
import type { Lane } from '../../scheduling/lane.ts'
import type { RefuseEffect } from '../../scheduling/scheduler-effect.ts'
import type { ModelStanding, SchedulerSnapshot } from '../../scheduling/snapshot.ts'
import { residenceOf } from './residence-of.ts'
import type { ManagedModel, ResidencyPlan } from './residency-plan.ts'
import { type OutwardEffect, SchedulerLoop } from './scheduler-loop.ts'
import { Turns } from './turns.ts'
import { warmLoadMs } from './warm-load.ts'

export interface ResidencyParts {
  readonly plan: ResidencyPlan
  readonly dataDirectory: string
  readonly clock: Clock
  readonly logger: Logger
  /** The model serves at this address from now on; called before any request is sent there. */
  readonly onLoaded: (model: ManagedModel, ready: Ready) => void
  /** Nothing is sent there from now on: the process is gone, or goes when it has ended what it has in hand. */
  readonly onGone: (name: string) => void
  /** Who is in memory, at work or waiting may have changed. Called often: it must cost next to nothing. */
  readonly onChanged?: () => void
  /** For whoever measures swaps. */
  readonly onMoment?: (moment: EngineMoment) => void
}

/**
 * The owner of who is in memory: the one place that tells the scheduler what happened and has its wishes carried out.
 * Nobody else asks whether a model runs in order to start it; a request asks for its turn, and waits.
 */
export class Residency {
  readonly #loop: SchedulerLoop
  readonly #supervisor: Supervisor
  readonly #saver: ConversationSaver
  readonly #parts: ResidencyParts
  readonly #turns = new Turns()
  #plan: ResidencyPlan
  #managed: ReadonlyMap<string, ManagedModel>
  #loadCount = 0
  readonly #watchers = new Set<() => void>()
  /** Settled by the next end of a model that somebody waits for. */
  readonly #ends = new Map<string, PromiseWithResolvers<void>>()
  #isEnding = false
  #hasPolicyFailed = false
  #closing: Promise<void> | undefined

  static async start(parts: ResidencyParts): Promise<Residency> {
    const { plan, dataDirectory, logger, onMoment } = parts
    let residency: Residency | undefined
    const saver = await ConversationSaver.open({
      dataDirectory,
      bytesMax: plan.savedBytesMax,
      logger,
      awaited: (model) => residency?.awaited(model) ?? new Set(),
    })
    const supervisor = await startSupervisor({
      launches: plan.models.map(({ launch }) => launch),
      dataDirectory,
      logger,
      memoryProbes: plan.memoryProbes,
      onMoment,
      hooks: saver.hooks,
      report: (event) => residency?.report(event),
      whenIdle: (model) => residency?.whenIdle(model) ?? Promise.resolve(),
    })
    residency = new Residency(parts, supervisor, saver)
    for (const model of plan.preload) residency.load(model).catch(() => undefined) // told in the log by the supervisor
    return residency
  }

  private constructor(parts: ResidencyParts, supervisor: Supervisor, saver: ConversationSaver) {
    this.#saver = saver
    this.#parts = parts
    this.#plan = parts.plan
    this.#managed = byName(parts.plan)
    this.#supervisor = supervisor
    this.#loop = new SchedulerLoop({
      settings: parts.plan.scheduler,
      clock: parts.clock,
      carryOut: (effect) => this.#carryOut(effect),
      onTold: () => this.#changed(),
    })
  }

  get models(): readonly ManagedModel[] {
    return [...this.#managed.values()]
  }

  /** Calls the watcher after everything that may have changed who is in memory or waits, until the function returned is called. */
  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** By its name or an alias. */
  find(name: string): ManagedModel | undefined {
    return this.#managed.get(name) ?? this.models.find(({ aliases }) => aliases.includes(name))
  }

  /** Unloaded after so long without a request, in milliseconds; absent: never. */
  ttlMs(name: string): number | undefined {
    return this.#plan.scheduler.models.find((model) => model.name === name)?.ttlMs
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
    return this.#loop.progress(requestId)
  }

  isLoaded(name: string): boolean {
    return this.#supervisor.ready(name) !== undefined
  }

  snapshot(): SchedulerSnapshot {
    return this.#loop.snapshot()
  }

  /** One model of the snapshot, for those who ask often. */
  standing(name: string): ModelStanding | undefined {
    return this.#loop.model(name)
  }

  status(): ReturnType<Supervisor['status']> {
    return this.#supervisor.status()
  }

  logs(name: string): ReturnType<Supervisor['logs']> {
    return this.#supervisor.logs(name)
  }

  /** Whether `enter` wants to know the conversation. */
  savesConversations(name: string): boolean {
    return this.#managed.get(name)?.savesConversations ?? false
  }

  /** For balancing: a model that has to be loaded first, or has others waiting, is worse than one that is there. */
  candidateLoad(candidate: Candidate): CandidateLoad {
    const standing = this.standing(candidate.backend)
    return {
      candidate,
      inFlight: (standing?.running ?? 0) + (standing?.queued ?? 0),
      limit: standing?.slots,
      weight: 1,
      isAvailable: true,
      place:
        standing && forecastPlace({ ...standing, residence: residenceOf(standing.phase) }, { inFlight: 0, forMs: 0 }),
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
    /** Of models that save conversations. */
    conversation?: string
    onCancel: (cancel: () => void) => void
  }): Promise<'in' | 'gone'> {
    const { requestId, model, lane, principal, conversation, onCancel } = request
    if (this.#isEnding) return Promise.reject(shuttingDown())
    const turn = this.#turns.wait({ requestId, model, isLoadOnly: false, conversation })
    onCancel(() => this.#cancel(requestId))
    // Called at once when the client has gone already: no model is brought in for nobody.
    if (this.#turns.isWaiting(requestId)) {
      this.#loop.tell({ type: 'arrive', requestId, model, lane, principal, weight: 1, deadlineMs: this.#deadlineMs() })
    }
    return turn
  }

  /** @param reply what it has shown, where that is known */
  /**
   * Holds a model that is in memory without a turn of its own, for what only looks at it: it takes no slot and loads nothing, and a stop
   * waits for it. False when the model is not there; else `endVisit` is owed.
   */
  visit(requestId: string, name: string): boolean {
    if (!this.isLoaded(name)) return false
    this.#turns.visit({ requestId, model: name, isLoadOnly: false })
    return true
  }

  endVisit(requestId: string): void {
    if (this.#turns.leave(requestId) !== undefined) this.#turns.announce()
  }

  leave(requestId: string, reply?: Omit<ServedConversation, 'conversation'>): void {
    const turn = this.#turns.leave(requestId)
    if (turn === undefined) return
    const { model, conversation } = turn
    if (conversation !== undefined && reply !== undefined) this.#saver.served(model, { conversation, ...reply })
    this.#loop.tell({ type: 'finished', requestId })
    this.#turns.announce()
  }

  /** After a connection to it broke: whether the engine is gone, as soon as that is known. */
  hasDied(name: string): Promise<boolean> {
    return this.#supervisor.hasDied(name)
  }

  /**
   * Brings a model in without a request of its own. Resolves when it is there, or nobody waits for it any more; a load that
   * has begun goes on then.
   *
   * @throws LlmrError as `enter`
   */
  async load(model: string, onCancel?: (cancel: () => void) => void): Promise<void> {
    this.#expectManaged(model)
    if (this.#isEnding) throw shuttingDown()
    const requestId = `load:${++this.#loadCount}`
    const turn = this.#turns.wait({ requestId, model, isLoadOnly: true })
    this.#loop.tell({
      type: 'arrive',
      requestId,
      model,
      lane: 'interactive',
      principal: 'operator',
      weight: 1,
      deadlineMs: this.#deadlineMs(),
      isLoadOnly: true,
    })
    onCancel?.(() => this.#cancel(requestId))
    await turn
  }

  /** Resolves when the memory has been free, who waits may fill it again; what is at work ends first. Without a model: all. */
  async unload(model?: string): Promise<void> {
    if (model !== undefined) this.#expectManaged(model)
    this.#loop.tell({ type: 'unload', model, waiting: 'keep' })
    const there = this.snapshot().models.filter(
      ({ name, phase, isAsleep }) => (phase !== 'absent' || isAsleep === true) && (model ?? name) === name,
    )
    await Promise.all(there.map(({ name }) => this.#end(name)))
  }

  /** Not put out for `forMs`; 0 ends that. Does not load it. */
  pin(model: string, forMs: number): void {
    this.#expectManaged(model)
    if (forMs > 0) this.#loop.tell({ type: 'pin', model, untilMs: this.#loop.nowMs + forMs })
    else this.#loop.tell({ type: 'unpin', model })
  }

  /** Unloaded after so long without a request, instead of its ttl, until it has gone. Infinity: only for its memory. */
  idle(model: string, forMs: number): void {
    this.#expectManaged(model)
    this.#loop.tell({ type: 'idle', model, forMs })
  }

  /** Cuts nothing: engines whose command changed are started anew when nothing uses them. */
  async configure(plan: ResidencyPlan): Promise<void> {
    this.#plan = plan
    const before = this.#managed
    this.#managed = byName(plan)
    // It would pass for a backend like any other, and its stop would not wait for who was sent there past the queue.
    for (const name of before.keys()) if (!this.#managed.has(name)) this.#parts.onGone(name)
    const outdated = this.#supervisor.configure(plan.models.map(({ launch }) => launch))
    this.#loop.tell({ type: 'configure', settings: plan.scheduler })
    for (const model of outdated) this.#loop.tell({ type: 'unload', model, waiting: 'keep' })
    await this.#saver.configure({ bytesMax: plan.savedBytesMax, models: this.#managed.keys() })
  }

  /** The end has begun: who waits is refused now, instead of having a model loaded on the way out. What runs goes on. */
  refuseWaiting(): void {
    this.#isEnding = true
    this.#saver.end()
    this.#turns.refuseAll(shuttingDown())
    // All at once: one by one, the last of them might be brought a model in between.
    this.#loop.tell({ type: 'unload', waiting: 'refuse' })
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
      case 'stopped':
        this.#parts.onGone(event.model)
        // Who waits for an unload wants what it holds asleep as well, and its end follows.
        if (event.isAsleep !== true) this.#ended(event.model)
        break
      case 'loadFailed':
      case 'crashed':
        this.#parts.onGone(event.model)
        this.#ended(event.model)
        break
      case 'prefetched':
        this.#expectWarmLoad(event)
        return
    }
    this.#loop.tell(event)
  }

  awaited(model: string): ReadonlySet<string> {
    return this.#turns.conversations(model)
  }

  whenIdle(model: string): Promise<void> {
    return this.#turns.whenIdle(model)
  }

  async #close(timeoutMs: number): Promise<void> {
    this.refuseWaiting()
    this.#loop.close()
    await this.#supervisor.close({ timeoutMs })
    await this.#saver.close()
  }

  #cancel(requestId: string): void {
    if (this.#turns.cancel(requestId)) this.#loop.tell({ type: 'cancel', requestId })
  }

  #carryOut(effect: OutwardEffect): void {
    switch (effect.type) {
      case 'serve':
        if (!this.#turns.serve(effect.requestId)) this.#loop.tell({ type: 'finished', requestId: effect.requestId })
        break
      case 'refuse':
        this.#turns.refuse(effect.requestId, refusal(effect))
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
      case 'policyFailed':
        // Once: a policy is asked after every event, and one that fails mostly fails every time.
        if (this.#hasPolicyFailed) break
        this.#hasPolicyFailed = true
        this.#parts.logger.error({ reason: effect.message }, 'the scheduling policy failed; the default decides then')
        break
    }
  }

  #changed(): void {
    this.#parts.onChanged?.()
    for (const watcher of this.#watchers) watcher()
  }

  #expectWarmLoad({ model: name, share }: Extract<SupervisorEvent, { type: 'prefetched' }>): void {
    const warmMs = this.#plan.scheduler.models.find((model) => model.name === name)?.expected.warmLoadMs
    const standing = this.#loop.model(name)
    // One that sleeps reads no files.
    if (warmMs === undefined || standing === undefined || standing.isAsleep === true) return
    const loadMs = warmLoadMs({ expectedMs: standing.expectedLoadMs, warmMs, share })
    this.#loop.tell({ type: 'estimated', model: name, loadMs })
  }

  #ended(name: string): void {
    this.#ends.get(name)?.resolve()
    this.#ends.delete(name)
  }

  /** Resolves when the model goes, which must be under way. */
  #end(name: string): Promise<void> {
    const end = this.#ends.get(name) ?? Promise.withResolvers<void>()
    this.#ends.set(name, end)
    return end.promise
  }

  #expectManaged(model: string): void {
    if (this.manages(model)) return
    const names = this.models.map(({ name }) => name).join(', ')
    throw new LlmrError('model_not_found', `There is no profile "${model}". There are: ${names}.`, { param: 'model' })
  }

  #deadlineMs(): number {
    return this.#loop.nowMs + this.#plan.queueTimeoutMs
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
