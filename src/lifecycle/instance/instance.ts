import { setTimeout as delay } from 'node:timers/promises'

import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { LaunchPlan } from '../launch-plan.ts'
import { sleepEngine, wakeEngine } from '../sleep/engine-sleep.ts'
import type { LogRing } from '../output/log-ring.ts'
import type { ProcessExit } from '../process/spawn-group.ts'
import { awaitReady } from './await-ready.ts'
import type { EngineMomentName } from './engine-moment.ts'
import type { InstanceAction, InstanceEvent, InstanceReport, InstanceState } from './instance-state.ts'
import { nextState } from './next-state.ts'
import type { Run } from './run.ts'

/** An engine that serves. */
export interface Ready {
  readonly model: string
  readonly url: string
  readonly pid: number
  /** From the wish for it to its first good answer. */
  readonly loadMs: number
  readonly plan: LaunchPlan
}

/** What else happens around a model that serves. Each is bounded by ten seconds and may fail without harm. */
export interface InstanceHooks {
  /** It answers, and nobody has been told yet: what clients had in it before may be put back. */
  readonly afterReady?: (ready: Ready, signal: AbortSignal) => Promise<void>
  /** Nothing runs on it any more, and it still answers. Not called for one that crashed, or when there is no time. */
  readonly beforeStop?: (ready: Ready, signal: AbortSignal) => Promise<void>
}

export interface InstanceOptions {
  /** Called at every start, so that a changed profile counts from then on. */
  readonly newRun: () => Run
  readonly ring: LogRing
  readonly logger: Logger
  readonly clock: Clock
  /** Resolves when nothing that was sent to it is at work any more. */
  readonly whenIdle: (signal: AbortSignal) => Promise<void>
  readonly hooks: InstanceHooks
  /** Its end: from here on there is no time for anything but SIGKILL. */
  readonly hurry: AbortSignal
  readonly onReport: (report: InstanceReport) => void
  readonly onState: (state: InstanceState) => void
  readonly onMoment?: (name: EngineMomentName) => void
}

/** Saving what a model knows of its conversations must be worth its while, so it gets no longer than a load takes. */
const hookTimeoutMs = 10_000

/**
 * One model's process through all its starts and stops. It owns its state: wishes are handed in with `send` and take
 * effect at once or when they can; nobody reads the state to decide what to wish for.
 */
export class Instance {
  readonly #options: InstanceOptions
  #state: InstanceState = { phase: 'stopped' }
  #run: Run | undefined
  /** Settles when the run has its process, or never will. */
  #launched: Promise<unknown> = Promise.resolve()
  /** Ended with each phase: what was begun in it is over. */
  #phase = new AbortController()
  #beganAtMs = 0
  #ready: Ready | undefined

  constructor(options: InstanceOptions) {
    this.#options = options
  }

  get state(): InstanceState {
    return this.#state
  }

  /** Set while it serves what it is sent. */
  get ready(): Ready | undefined {
    return this.#state.phase === 'ready' ? this.#ready : undefined
  }

  get run(): Run | undefined {
    return this.#run
  }

  send(event: InstanceEvent): void {
    const { state, action, report } = nextState(this.#state, event)
    const isNewPhase = state.phase !== this.#state.phase
    const isNew = state !== this.#state
    this.#state = state
    if (isNewPhase) {
      this.#phase.abort()
      this.#phase = new AbortController()
    }
    if (report?.type === 'loaded' && isNewPhase) this.#run?.loaded()
    if (isNew) this.#options.onState(state)
    // Reported before the next action begins: a start that follows a failure must not overtake the news of it.
    if (report !== undefined) this.#options.onReport(report)
    if (action !== undefined) void this.#act(action)
  }

  /** Carries out an action; whatever goes wrong in it becomes an event. Never rejects. */
  async #act(action: InstanceAction): Promise<void> {
    const { signal } = this.#phase
    switch (action) {
      case 'launch':
        return this.#launch()
      case 'await-ready':
        return this.#awaitReady(signal)
      case 'drain':
        return this.#drain(signal)
      case 'fall-asleep':
        return this.#fallAsleep(signal)
      case 'wake':
        return this.#wake(signal)
      case 'end':
        return this.#end()
    }
  }

  async #launch(): Promise<void> {
    const run = this.#options.newRun()
    this.#run = run
    this.#ready = undefined
    this.#beganAtMs = this.#options.clock.monotonic()
    this.#tell('starting')
    const launched = run.start((exit) => this.#exited(run, exit))
    this.#launched = launched.catch(() => undefined)
    try {
      await launched
      if (run !== this.#run) return
      this.#tell('spawned')
      this.send({ type: 'spawned' })
    } catch (error) {
      if (run === this.#run) this.send({ type: 'load-failed', failure: run.explainStartError(error) })
    }
  }

  #exited(run: Run, exit: ProcessExit): void {
    if (run === this.#run) this.send({ type: 'exited', failure: run.explainExit(exit) })
  }

  async #awaitReady(signal: AbortSignal): Promise<void> {
    const run = this.#run
    const plan = run?.plan
    if (run === undefined || plan === undefined) return
    const { name, readyUrl, readyTimeoutMs: timeoutMs } = plan
    try {
      const onAnswering = (): void => this.#tell('answering')
      const isReady = readyUrl === undefined || (await awaitReady({ name, readyUrl, timeoutMs, signal, onAnswering }))
      if (isReady) await this.#becomeReady(run, plan, signal)
      else this.send({ type: 'load-failed', failure: run.explainExit() })
    } catch {
      // The phase is over, which ended the wait.
    }
  }

  async #becomeReady(run: Run, plan: LaunchPlan, signal: AbortSignal): Promise<void> {
    const { clock, hooks } = this.#options
    this.#tell('loaded')
    const readyNow = (): Ready => ({
      model: plan.name,
      url: plan.url,
      pid: run.pid ?? -1,
      loadMs: Math.max(0, clock.monotonic() - this.#beganAtMs),
      plan,
    })
    await this.#hook(hooks.afterReady, readyNow(), signal)
    if (signal.aborted) return
    this.#ready = readyNow()
    this.#tell('ready')
    this.send({ type: 'answered' })
  }

  async #drain(signal: AbortSignal): Promise<void> {
    this.#tell('draining')
    const timeoutMs = this.#run?.plan?.drainTimeoutMs ?? 0
    const ending = AbortSignal.any([signal, this.#options.hurry])
    await Promise.race([
      this.#options.whenIdle(ending).catch(() => undefined),
      delay(timeoutMs, undefined, { signal: ending }).catch(() => undefined),
    ])
    this.#tell('saving')
    if (this.#ready !== undefined) await this.#hook(this.#options.hooks.beforeStop, this.#ready, ending)
    this.#tell('saved')
    if (!signal.aborted) this.send({ type: 'drained' })
  }

  async #fallAsleep(signal: AbortSignal): Promise<void> {
    this.#tell('signalled')
    try {
      await sleepEngine(this.#run?.plan, signal)
      if (signal.aborted) return
      this.#tell('exited')
      this.#tell('freed')
      this.send({ type: 'fell-asleep' })
    } catch (error) {
      if (signal.aborted) return
      this.#options.ring.note(`did not fall asleep, and is stopped instead: ${messageOf(error)}`)
      this.send({ type: 'sleep-failed' })
    }
  }

  async #wake(signal: AbortSignal): Promise<void> {
    const run = this.#run
    if (run?.plan === undefined) return
    this.#beganAtMs = this.#options.clock.monotonic()
    this.#tell('starting')
    try {
      await wakeEngine(run.plan, signal)
      await this.#awaitReady(signal)
    } catch (error) {
      if (signal.aborted) return
      this.#options.ring.note(`did not wake up: ${messageOf(error)}`)
      this.send({ type: 'load-failed', failure: run.explainExit() })
    }
  }

  async #end(): Promise<void> {
    await this.#launched
    try {
      await this.#run?.end(this.#options.hurry)
    } catch (error) {
      // A file or a socket did not close; the processes are gone all the same, or nobody can end them.
      this.#options.logger.error({ problem: messageOf(error) }, 'the end of an engine was not clean')
    }
    this.#run = undefined
    this.#ready = undefined
    this.send({ type: 'gone' })
  }

  #tell(name: EngineMomentName): void {
    this.#options.onMoment?.(name)
  }

  async #hook(hook: InstanceHooks['afterReady'], ready: Ready, signal: AbortSignal): Promise<void> {
    if (hook === undefined) return
    const within = AbortSignal.any([signal, AbortSignal.timeout(hookTimeoutMs)])
    try {
      await Promise.race([hook(ready, within), delay(hookTimeoutMs, undefined, { signal: within })])
    } catch (error) {
      if (!signal.aborted)
        this.#options.ring.note(`what was to happen around its start or stop failed: ${messageOf(error)}`)
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
