import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { SchedulerEffect } from '../../scheduling/scheduler-effect.ts'
import type { EngineMoment } from '../instance/engine-moment.ts'
import type { InstanceHooks, Ready } from '../instance/instance.ts'
import type { InstanceState } from '../instance/instance-state.ts'
import type { ModelLaunch } from '../launch-plan.ts'
import type { MemoryProbe } from '../memory/memory-probe.ts'
import type { LogRing } from '../output/log-ring.ts'
import type { InstanceStatus } from './instance-status.ts'
import type { SupervisorEvent } from './supervisor-event.ts'

export interface SupervisorOptions {
  readonly launches: readonly ModelLaunch[]
  /** For the journal of processes, and for logs whose profile names no folder, or one that cannot be written. */
  readonly dataDirectory: string
  readonly logger: Logger
  /** Told of everything that becomes of a model, in order, and never inside a call to the supervisor. */
  readonly report: (event: SupervisorEvent) => void
  readonly onState?: (model: string, state: InstanceState) => void
  /** Told inside the work it is about: it must return at once. */
  readonly onMoment?: (moment: EngineMoment) => void
  /** By the pools' names; a pool without one is not looked at. */
  readonly memoryProbes?: Readonly<Record<string, MemoryProbe>>
  /** Resolves when nothing that was sent to a model is at work any more. By default nothing ever is. */
  readonly whenIdle?: (model: string, signal: AbortSignal) => Promise<void>
  readonly hooks?: InstanceHooks
  /** UTF-16 units kept of each model's output. */
  readonly logSizeMax?: number
  readonly clock?: Clock
}

/** What the scheduler wants done with processes. */
export type ProcessEffect = Extract<SchedulerEffect, { readonly type: 'start' | 'stop' | 'prefetch' }>

/** The owner of every engine that llmr runs. */
export interface Supervisor {
  /** Returns at once; what becomes of it is reported. A start or stop that has been done already is reported again. */
  carryOut(effect: ProcessEffect): void
  /**
   * Resolves when the model serves, having started it if need be.
   *
   * @throws LlmrError when it cannot be loaded, is stopped meanwhile, or is not known.
   */
  ensureReady(model: string): Promise<Ready>
  /** Where to send its requests; `undefined` unless it serves at this moment. */
  ready(model: string): Ready | undefined
  /**
   * For a request that broke off: false when the model's process runs on; true when that has ended, once its end has
   * been reported. A connection is cut before anybody hears of a crash, and until then a model looks ready.
   */
  hasDied(model: string): Promise<boolean>
  /** Resolves when its memory is free: after its requests, its stop time-out and fifteen seconds at the latest. */
  stop(model: string): Promise<void>
  stopAll(): Promise<void>
  /** Counts from each model's next start on, and cuts nothing. Returns the models that run otherwise than now wanted. */
  configure(launches: readonly ModelLaunch[]): readonly string[]
  status(): readonly InstanceStatus[]
  /** Its last lines, and the next as they come; `undefined` for a model that is not known. */
  logs(model: string): Pick<LogRing, 'lines' | 'follow'> | undefined
  /** Ends everything; what has not ended by then is killed at `timeoutMs`. May be called twice. */
  close(options: { readonly timeoutMs: number }): Promise<void>
}
