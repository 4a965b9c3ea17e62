import type { Candidate } from '../../core/candidate.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { WaitProgress } from '../../core/wait-progress.ts'
import type { EngineMoment } from '../../lifecycle/instance/engine-moment.ts'
import type { Ready } from '../../lifecycle/instance/instance.ts'
import { ConversationSaver } from '../../lifecycle/slots/conversation-saver.ts'
import { startSupervisor } from '../../lifecycle/supervisor/start-supervisor.ts'
import type { Supervisor } from '../../lifecycle/supervisor/supervisor.ts'
import type { SupervisorEvent } from '../../lifecycle/supervisor/supervisor-event.ts'
import type { CandidateLoad } from '../../resilience/candidate-load.ts'
import { forecastPlace } from '../../resilience/forecast-place.ts'
import type { ModelStanding, SchedulerSnapshot } from '../../scheduling/snapshot.ts'
import { Entrance } from './entrance.ts'
import { effectHands } from './effect-hands.ts'
import { ManagedSet } from './managed-set.ts'
import { ModelEnds } from './model-ends.ts'
import { residenceOf } from './residence-of.ts'
import type { ManagedModel, ResidencyPlan } from './residency-plan.ts'
import { SchedulerLoop } from './scheduler-loop.ts'
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
  readonly managed: ManagedSet
  readonly entrance: Entrance
  readonly #loop: SchedulerLoop
  readonly #supervisor: Supervisor
  readonly #saver: ConversationSaver
  readonly #parts: ResidencyParts
  readonly #turns = new Turns()
  readonly #ends = new ModelEnds()
  readonly #watchers = new Set<() => void>()
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
    for (const model of plan.preload) residency.entrance.load(model).catch(() => undefined) // told in the log by the supervisor
    return residency
  }

  private constructor(parts: ResidencyParts, supervisor: Supervisor, saver: ConversationSaver) {
    this.#saver = saver
    this.#parts = parts
    this.managed = new ManagedSet(parts.plan)
    this.#supervisor = supervisor
    const { logger } = parts
    const onServedNobody = (requestId: string): void => this.#loop.tell({ type: 'finished', requestId })
    this.#loop = new SchedulerLoop({
      settings: parts.plan.scheduler,
      clock: parts.clock,
      carryOut: effectHands({ turns: this.#turns, supervisor, logger, onServedNobody }),
      onTold: () => this.#changed(),
    })
    this.entrance = new Entrance({
      managed: this.managed,
      loop: this.#loop,
      turns: this.#turns,
      isLoaded: (model) => this.isLoaded(model),
      onServed: (model, served) => this.#saver.served(model, served),
    })
  }

  /** Calls the watcher after everything that may have changed who is in memory or waits, until the function returned is called. */
  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
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

  /** After a connection to it broke: whether the engine is gone, as soon as that is known. */
  hasDied(name: string): Promise<boolean> {
    return this.#supervisor.hasDied(name)
  }

  /** Resolves when the memory has been free, who waits may fill it again; what is at work ends first. Without a model: all. */
  async unload(model?: string): Promise<void> {
    if (model !== undefined) this.managed.expect(model)
    this.#loop.tell({ type: 'unload', model, waiting: 'keep' })
    const there = this.snapshot().models.filter(
      ({ name, phase, isAsleep }) => (phase !== 'absent' || isAsleep === true) && (model ?? name) === name,
    )
    await Promise.all(there.map(({ name }) => this.#ends.next(name)))
  }

  /** Not put out for `forMs`; 0 ends that. Does not load it. */
  pin(model: string, forMs: number): void {
    this.managed.expect(model)
    if (forMs > 0) this.#loop.tell({ type: 'pin', model, untilMs: this.#loop.nowMs + forMs })
    else this.#loop.tell({ type: 'unpin', model })
  }

  /** Unloaded after so long without a request, instead of its ttl, until it has gone. Infinity: only for its memory. */
  idle(model: string, forMs: number): void {
    this.managed.expect(model)
    this.#loop.tell({ type: 'idle', model, forMs })
  }

  /** Cuts nothing: engines whose command changed are started anew when nothing uses them. */
  async configure(plan: ResidencyPlan): Promise<void> {
    // It would pass for a backend like any other, and its stop would not wait for who was sent there past the queue.
    for (const name of this.managed.replace(plan)) this.#parts.onGone(name)
    const outdated = this.#supervisor.configure(plan.models.map(({ launch }) => launch))
    this.#loop.tell({ type: 'configure', settings: plan.scheduler })
    for (const model of outdated) this.#loop.tell({ type: 'unload', model, waiting: 'keep' })
    await this.#saver.configure({ bytesMax: plan.savedBytesMax, models: plan.models.map(({ name }) => name) })
  }

  /** The end has begun: who waits is refused now, instead of having a model loaded on the way out. What runs goes on. */
  refuseWaiting(): void {
    this.#saver.end()
    this.entrance.close()
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
        const model = this.managed.get(event.model)
        const ready = this.#supervisor.ready(event.model)
        if (model !== undefined && ready !== undefined) this.#parts.onLoaded(model, ready)
        break
      }
      case 'stopped':
        this.#parts.onGone(event.model)
        // Who waits for an unload wants what it holds asleep as well, and its end follows.
        if (event.isAsleep !== true) this.#ends.tell(event.model)
        break
      case 'loadFailed':
      case 'crashed':
        this.#parts.onGone(event.model)
        this.#ends.tell(event.model)
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

  #changed(): void {
    this.#parts.onChanged?.()
    for (const watcher of this.#watchers) watcher()
  }

  #expectWarmLoad({ model: name, share }: Extract<SupervisorEvent, { type: 'prefetched' }>): void {
    const warmMs = this.managed.warmLoadMs(name)
    const standing = this.#loop.model(name)
    // One that sleeps reads no files.
    if (warmMs === undefined || standing === undefined || standing.isAsleep === true) return
    const loadMs = warmLoadMs({ expectedMs: standing.expectedLoadMs, warmMs, share })
    this.#loop.tell({ type: 'estimated', model: name, loadMs })
  }
}
