import { compileMatrix } from '../../../src/scheduling/constraints/matrix.ts'
import { modelGroups } from '../../../src/scheduling/constraints/groups.ts'
import { allOf } from '../../../src/scheduling/constraints/residency-constraint.ts'
import { fifo } from '../../../src/scheduling/policies/fifo.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { createScheduler } from '../../../src/scheduling/scheduler.ts'
import type { SchedulerEffect } from '../../../src/scheduling/scheduler-effect.ts'
import type { SchedulerEvent } from '../../../src/scheduling/scheduler-event.ts'
import type { SchedulerSettings } from '../../../src/scheduling/scheduler-settings.ts'
import { EventQueue } from '../../../src/sim/swaps/event-queue.ts'
import { HouseRules } from './house-rules.ts'
import type { ArrivalHappening, Happening, Schedule, SimulatedModel } from './schedule.ts'

/**
 * Runs one schedule: plays clients, processes and operator to a scheduler in simulated time, and asks the rules after
 * each event. Throws on the first broken rule.
 */
export function runSchedule(schedule: Schedule): void {
  new SimulatedHouse(schedule).run()
}

/** What the house does to itself later. `start` numbers tell one life of a process from the next. */
type Later =
  | Happening
  | { readonly type: 'leave'; readonly requestId: string }
  | { readonly type: 'serviceEnd'; readonly requestId: string }
  | { readonly type: 'loadEnd'; readonly model: string; readonly start: number }
  | { readonly type: 'stopEnd'; readonly model: string; readonly start: number; readonly isAsleep: boolean }
  | { readonly type: 'sleeperEnd'; readonly model: string }
  | { readonly type: 'tick' }

interface Process {
  readonly start: number
  readonly startedAtMs: number
  readonly fails?: { readonly isRetryable: boolean; readonly backOffMs: number }
}

class SimulatedHouse {
  readonly #schedule: Schedule
  readonly #models: ReadonlyMap<string, SimulatedModel>
  readonly #later = new EventQueue<Later>()
  readonly #processes = new Map<string, Process>()
  /** Those whose process is there, and asleep. */
  readonly #asleep = new Set<string>()
  readonly #requests = new Map<string, ArrivalHappening>()
  readonly #failNext = new Map<string, NonNullable<Process['fails']>>()
  readonly #slowNext = new Map<string, number>()
  readonly #scheduler
  readonly #rules
  #settings: SchedulerSettings
  #starts = 0
  #wakeAtMs = Infinity

  constructor(schedule: Schedule) {
    this.#schedule = schedule
    this.#models = new Map(schedule.models.map((model) => [model.name, model]))
    this.#settings = settingsOf(schedule)
    this.#scheduler = createScheduler(this.#settings)
    this.#rules = new HouseRules(schedule, this.#settings, this.#scheduler)
    for (const happening of schedule.happenings) this.#later.add(happening.atMs, happening)
  }

  run(): void {
    let steps = 0
    for (let next = this.#later.next(); next !== undefined; next = this.#later.next()) {
      steps += 1
      if (steps > stepsMax) throw new Error(`still going after ${stepsMax} steps`)
      this.#happen(next.entry, next.atMs)
    }
    this.#rules.atTheEnd()
  }

  #happen(later: Later, nowMs: number): void {
    switch (later.type) {
      case 'arrive': {
        const { requestId, model, lane, principal, weight, patienceMs, isLoadOnly = false } = later
        this.#requests.set(requestId, later)
        if (later.leavesAfterMs !== undefined) {
          this.#later.add(nowMs + later.leavesAfterMs, { type: 'leave', requestId })
        }
        const deadlineMs = nowMs + patienceMs
        return this.#tell({ type: 'arrive', nowMs, requestId, model, lane, principal, weight, deadlineMs, isLoadOnly })
      }
      case 'leave': {
        const { requestId } = later
        if (this.#rules.isAtWork(requestId)) return this.#tell({ type: 'finished', nowMs, requestId })
        return this.#tell({ type: 'cancel', nowMs, requestId })
      }
      case 'serviceEnd':
        if (this.#rules.isAtWork(later.requestId)) {
          this.#tell({ type: 'finished', nowMs, requestId: later.requestId })
        }
        return
      case 'loadEnd': {
        const process = this.#processes.get(later.model)
        if (process?.start !== later.start) return
        if (process.fails === undefined) {
          return this.#tell({ type: 'loaded', nowMs, model: later.model, loadMs: nowMs - process.startedAtMs })
        }
        const { isRetryable, backOffMs } = process.fails
        this.#processes.delete(later.model)
        const retryAtMs = nowMs + backOffMs
        return this.#tell({ type: 'loadFailed', nowMs, model: later.model, cause: 'no luck', isRetryable, retryAtMs })
      }
      case 'stopEnd':
        if (this.#processes.get(later.model)?.start !== later.start) return
        this.#processes.delete(later.model)
        if (later.isAsleep) this.#asleep.add(later.model)
        return this.#tell({ type: 'stopped', nowMs, model: later.model, isAsleep: later.isAsleep })
      case 'sleeperEnd':
        if (!this.#asleep.delete(later.model)) return
        return this.#tell({ type: 'stopped', nowMs, model: later.model })
      case 'crash':
        if (this.#asleep.delete(later.model)) return this.#tell({ type: 'stopped', nowMs, model: later.model })
        if (!this.#processes.delete(later.model)) return
        return this.#tell({ type: 'crashed', nowMs, model: later.model, retryAtMs: nowMs + later.backOffMs })
      case 'failNextLoad':
        this.#failNext.set(later.model, later)
        return
      case 'slowNextStop':
        this.#slowNext.set(later.model, later.extraMs)
        return
      case 'unload':
        return this.#tell({ type: 'unload', nowMs, waiting: later.waiting, ...(later.model && { model: later.model }) })
      case 'pin':
        return this.#tell({ type: 'pin', nowMs, model: later.model, untilMs: nowMs + later.forMs })
      case 'unpin':
        return this.#tell({ type: 'unpin', nowMs, model: later.model })
      case 'resize': {
        const pools = Object.entries(this.#schedule.pools).map(([name, bytes]) => [name, bytes * later.poolShare])
        return this.#configure({ maxWaitMs: later.maxWaitMs, pools: Object.fromEntries(pools) }, nowMs)
      }
      case 'remove':
        return this.#configure({ models: this.#settings.models.filter(({ name }) => name !== later.model) }, nowMs)
      case 'restore':
        return this.#configure({ models: this.#schedule.models }, nowMs)
      case 'tick':
        if (nowMs !== this.#wakeAtMs) return
        return this.#tell({ type: 'tick', nowMs })
    }
  }

  #configure(change: Partial<SchedulerSettings>, nowMs: number): void {
    this.#settings = { ...this.#settings, ...change }
    this.#tell({ type: 'configure', nowMs, settings: this.#settings })
  }

  #tell(event: SchedulerEvent): void {
    this.#rules.before(event)
    const effects = this.#scheduler.handle(event)
    for (const effect of effects) {
      this.#rules.onEffect(effect, event.nowMs)
      this.#obey(effect, event.nowMs)
    }
    this.#rules.after(event.nowMs)
  }

  #obey(effect: SchedulerEffect, nowMs: number): void {
    switch (effect.type) {
      case 'serve': {
        const request = this.#requests.get(effect.requestId)
        const { requestId } = effect
        if (request && request.isLoadOnly !== true) {
          this.#later.add(nowMs + request.serviceMs, { type: 'serviceEnd', requestId })
        }
        return
      }
      case 'start': {
        this.#starts += 1
        const { model } = effect
        this.#asleep.delete(model)
        const fails = this.#failNext.get(model)
        this.#failNext.delete(model)
        this.#processes.set(model, { start: this.#starts, startedAtMs: nowMs, ...(fails && { fails }) })
        const loadMs = this.#models.get(model)?.loadMs ?? 0
        this.#later.add(nowMs + loadMs, { type: 'loadEnd', model, start: this.#starts })
        return
      }
      case 'stop': {
        const { model, isFinal = false } = effect
        const stopMs = (this.#models.get(model)?.stopMs ?? 0) + (this.#slowNext.get(model) ?? 0)
        this.#slowNext.delete(model)
        if (this.#asleep.has(model)) this.#later.add(nowMs + stopMs, { type: 'sleeperEnd', model })
        const isAsleep = !isFinal && this.#models.get(model)?.sleepingBytes !== undefined
        const { start = 0 } = this.#processes.get(model) ?? {}
        this.#later.add(nowMs + stopMs, { type: 'stopEnd', model, start, isAsleep })
        return
      }
      case 'wakeAt':
        this.#wakeAtMs = effect.atMs
        this.#later.add(effect.atMs, { type: 'tick' })
        return
      case 'prefetch':
      case 'refuse':
      case 'policyFailed':
        return
    }
  }
}

/** A waiter lives for at most some minutes and is looked at at least every second. */
const stepsMax = 50_000

function settingsOf(schedule: Schedule): SchedulerSettings {
  const { groups, matrix } = schedule
  const names = schedule.models.map(({ name }) => name)
  const compiled = matrix && compileMatrix(matrix, names)
  return {
    models: schedule.models,
    pools: schedule.pools,
    constraint: allOf([
      ...(groups.length > 0 ? [modelGroups(groups)] : []),
      ...(compiled && 'constraint' in compiled ? [compiled.constraint] : []),
    ]),
    policy: schedule.policy === 'ripe' ? ripe : fifo,
    maxWaitMs: schedule.maxWaitMs,
    queuedPerModelMax: schedule.queuedPerModelMax,
    queuedMax: schedule.queuedMax,
    classLimits: {},
  }
}
