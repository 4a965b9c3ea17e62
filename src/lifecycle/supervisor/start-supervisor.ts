import { join } from 'node:path'

import { systemClock } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import { LlmrError } from '../../core/error.ts'
import type { EngineMomentName } from '../instance/engine-moment.ts'
import type { Ready } from '../instance/instance.ts'
import type { InstanceState } from '../instance/instance-state.ts'
import type { ModelLaunch } from '../launch-plan.ts'
import { LogRing } from '../output/log-ring.ts'
import { Prefetcher } from '../page-cache/prefetcher.ts'
import { ChildJournal } from '../process/child-journal.ts'
import { endOrphans } from '../process/end-orphans.ts'
import { PortLeases } from '../process/port-leases.ts'
import { signalGroup } from '../process/process-group.ts'
import { SupervisedModel } from './supervised-model.ts'
import type { InstanceStatus } from './instance-status.ts'
import type { SupervisorEvent } from './supervisor-event.ts'
import type { ProcessEffect, Supervisor, SupervisorOptions } from './supervisor.ts'

const logSizeMaxDefault = 256 * 1024

/** Starts the owner of engines, who first ends what an earlier llmr has left running. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { dataDirectory, logger } = options
  const journal = new ChildJournal({ folder: join(dataDirectory, 'engines'), logger })
  await endOrphans({ journal, logger })
  return new ProcessSupervisor(options, journal)
}

class ProcessSupervisor implements Supervisor {
  readonly #options: SupervisorOptions
  readonly #journal: ChildJournal
  readonly #clock: Clock
  readonly #leases = new PortLeases()
  readonly #models = new Map<string, SupervisedModel>()
  readonly #prefetcher: Prefetcher
  readonly #loading = new Set<string>()
  readonly #hurry = new AbortController()
  /** Node ends without asking anybody; engines must not outlive it. */
  readonly #onExit = (): void => this.#killAll()
  #known: ReadonlySet<string> = new Set()
  #closing: Promise<void> | undefined

  constructor(options: SupervisorOptions, journal: ChildJournal) {
    this.#options = options
    this.#journal = journal
    this.#clock = options.clock ?? systemClock
    this.#prefetcher = new Prefetcher({
      logger: options.logger,
      onCached: (model, share) => this.#report({ type: 'prefetched', model, ...(share !== undefined && { share }) }),
    })
    this.configure(options.launches)
    process.on('exit', this.#onExit)
  }

  carryOut(effect: ProcessEffect): void {
    switch (effect.type) {
      case 'start': {
        const model = this.#closing === undefined ? this.#find(effect.model) : undefined
        if (model === undefined) this.#reportUnknown(effect.model)
        else model.start()
        return
      }
      case 'stop': {
        const model = this.#models.get(effect.model)
        if (model === undefined) this.#report({ type: 'stopped', model: effect.model })
        else model.yieldMemory({ isFinal: effect.isFinal ?? false })
        return
      }
      case 'prefetch':
        this.#prefetcher.wish(
          effect.models.flatMap((name) => {
            const model = this.#find(name)
            return model === undefined ? [] : { model: name, ...model.weights }
          }),
        )
    }
  }

  async ensureReady(name: string): Promise<Ready> {
    if (this.#closing !== undefined) throw new LlmrError('shutting_down', 'llmr is shutting down and starts no model.')
    const model = this.#find(name)
    if (model === undefined) {
      throw new LlmrError('model_not_found', `${name} is not among the models that llmr can start.`)
    }
    return model.ensureReady()
  }

  ready(name: string): Ready | undefined {
    return this.#models.get(name)?.ready
  }

  async hasDied(name: string): Promise<boolean> {
    return (await this.#models.get(name)?.hasDied()) ?? true
  }

  async stop(name: string): Promise<void> {
    await this.#models.get(name)?.stop({ isUrgent: false })
  }

  async stopAll(): Promise<void> {
    await Promise.all(Array.from(this.#models.values(), (model) => model.stop({ isUrgent: false })))
  }

  configure(launches: readonly ModelLaunch[]): readonly string[] {
    this.#known = new Set(launches.map(({ name }) => name))
    for (const launch of launches) {
      const model = this.#models.get(launch.name)
      if (model === undefined) this.#models.set(launch.name, this.#newModel(launch))
      else model.relaunchAs(launch)
    }
    const isRunning = ({ phase }: SupervisedModel): boolean => phase !== 'stopped' && phase !== 'failed'
    for (const [name, model] of this.#models) {
      if (!this.#known.has(name) && !isRunning(model)) this.#models.delete(name)
    }
    return [...this.#models].flatMap(([name, model]) => (!this.#known.has(name) || model.isOutdated ? name : []))
  }

  status(): readonly InstanceStatus[] {
    return Array.from(this.#models.values(), (model) => model.status())
  }

  logs(name: string): Pick<LogRing, 'lines' | 'follow'> | undefined {
    return this.#models.get(name)?.ring
  }

  close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    return (this.#closing ??= this.#close(timeoutMs))
  }

  async #close(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#hurry.abort(), timeoutMs)
    await Promise.all([this.#prefetcher.close(), this.stopAll()])
    clearTimeout(timer)
    process.off('exit', this.#onExit)
  }

  /** Those that a change of configuration took away still run, and are not started again. */
  #find(name: string): SupervisedModel | undefined {
    return this.#known.has(name) ? this.#models.get(name) : undefined
  }

  #newModel(launch: ModelLaunch): SupervisedModel {
    const { dataDirectory, logger, hooks, memoryProbes, whenIdle, logSizeMax } = this.#options
    const { name } = launch
    const onMoment = (moment: EngineMomentName): void => this.#tellMoment(name, moment)
    return new SupervisedModel({
      launch,
      clock: this.#clock,
      ring: new LogRing({ sizeMax: logSizeMax ?? logSizeMaxDefault, now: this.#clock.now }),
      runParts: {
        leases: this.#leases,
        journal: this.#journal,
        logFolders: [join(dataDirectory, 'logs')],
        memoryProbes: memoryProbes ?? {},
        logger,
        onMoment,
      },
      onMoment,
      whenIdle: (signal) => whenIdle?.(name, signal) ?? Promise.resolve(),
      hooks: hooks ?? {},
      hurry: this.#hurry.signal,
      report: (event) => this.#report(event),
      onState: (state) => this.#onState(name, state),
    })
  }

  #onState(name: string, state: InstanceState): void {
    const isLoading = state.phase === 'starting' || state.phase === 'loading'
    if (isLoading && !this.#loading.has(name)) {
      this.#loading.add(name)
      this.#prefetcher.loadBegins()
    } else if (!isLoading && this.#loading.delete(name)) {
      this.#prefetcher.loadEnds()
    }
    const isDown = state.phase === 'stopped' || state.phase === 'failed'
    if (isDown && !this.#known.has(name)) this.#models.delete(name)
    this.#options.onState?.(name, state)
  }

  #tellMoment(model: string, name: EngineMomentName): void {
    const url = this.#models.get(model)?.url
    this.#options.onMoment?.({ model, name, atMs: this.#clock.monotonic(), ...(url !== undefined && { url }) })
  }

  /** Later, as whoever is told may call the supervisor in turn: one thing after the other. */
  #report(event: SupervisorEvent): void {
    queueMicrotask(() => this.#options.report(event))
  }

  #reportUnknown(model: string): void {
    const failure = {
      code: 'cannot_start',
      cause: this.#closing === undefined ? 'There is no such profile any more.' : 'llmr is shutting down.',
      evidence: '',
      advice: 'Look at the profiles: `llmr profiles list`.',
      isTransient: false,
      lines: [],
    } as const
    const { cause } = failure
    const retryAtMs = this.#clock.monotonic()
    this.#report({ type: 'loadFailed', model, cause, isRetryable: false, retryAtMs, failure })
  }

  #killAll(): void {
    for (const { pid } of this.#models.values()) {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL')
    }
  }
}
