import { allOf } from '../../../src/scheduling/constraints/residency-constraint.ts'
import type { ResidencyConstraint } from '../../../src/scheduling/constraints/residency-constraint.ts'
import { memoryPools, sizeIn } from '../../../src/scheduling/constraints/memory-pools.ts'
import { patienceMs } from '../../../src/scheduling/lane.ts'
import type { SchedulerEffect } from '../../../src/scheduling/scheduler-effect.ts'
import type { ArriveEvent, SchedulerEvent } from '../../../src/scheduling/scheduler-event.ts'
import type { SchedulerModel } from '../../../src/scheduling/scheduler-model.ts'
import type { SchedulerSettings } from '../../../src/scheduling/scheduler-settings.ts'
import type { Scheduler } from '../../../src/scheduling/scheduler.ts'
import type { ModelPhase } from '../../../src/scheduling/state/model-state.ts'
import { must } from './must.ts'
import type { Schedule } from './schedule.ts'
import type { Standing } from './standing.ts'
import { OverdueTurns } from './overdue-turns.ts'
import { WaitBound } from './wait-bound.ts'

interface Waiting extends ArriveEvent {
  readonly arrivedAtMs: number
}

interface Instance {
  readonly model: SchedulerModel
  phase: 'loading' | 'ready' | 'stopping'
  readonly running: Set<string>
  /** Those it was loaded for that still wait. */
  batch: readonly string[]
}

/**
 * What must hold whatever happens, kept by its own books: they are filled from events and effects alone, so that an
 * error in the scheduler's own state cannot hide itself.
 */
export class HouseRules {
  readonly #scheduler: Scheduler
  readonly #waiting = new Map<string, Waiting>()
  readonly #instances = new Map<string, Instance>()
  /** As they are while they sleep, and whether they are being ended. */
  readonly #asleep = new Map<string, { readonly model: SchedulerModel; isEnding: boolean }>()
  readonly #leases = new Map<string, number>()
  readonly #retryAt = new Map<string, number>()
  readonly #mayStop = new Set<string>()
  readonly #bound: WaitBound | undefined
  readonly #turns: OverdueTurns | undefined
  #settings: SchedulerSettings
  #arriving: string | undefined
  #lastGoneMs = 0

  constructor(schedule: Schedule, settings: SchedulerSettings, scheduler: Scheduler) {
    this.#settings = settings
    this.#scheduler = scheduler
    this.#turns = schedule.isPlain && schedule.policy === 'ripe' ? new OverdueTurns(schedule.maxWaitMs) : undefined
    this.#bound = schedule.isPlain ? new WaitBound(schedule.policy === 'fifo' ? 0 : schedule.maxWaitMs) : undefined
  }

  isAtWork(requestId: string): boolean {
    return [...this.#instances.values()].some(({ running }) => running.has(requestId))
  }

  before(event: SchedulerEvent): void {
    this.#arriving = undefined
    switch (event.type) {
      case 'arrive':
        this.#arriving = event.requestId
        this.#waiting.set(event.requestId, { ...event, arrivedAtMs: event.nowMs })
        this.#bound?.arrived(event)
        return
      case 'cancel':
        this.#bound?.left(event.requestId, event.nowMs)
        this.#waiting.delete(event.requestId)
        return
      case 'finished':
        for (const { running } of this.#instances.values()) running.delete(event.requestId)
        return
      case 'loaded': {
        const instance = this.#instances.get(event.model)
        if (instance?.phase === 'loading') {
          instance.phase = 'ready'
          const waiting = [...this.#waiting.values()].filter(({ model }) => model === event.model)
          instance.batch = waiting.map(({ requestId }) => requestId)
          this.#bound?.loaded(event.model, event.nowMs)
        }
        return
      }
      case 'loadFailed':
      case 'crashed':
        if (this.#described(event.model)) this.#retryAt.set(event.model, event.retryAtMs ?? 0)
        this.#forget(event.model, event.nowMs)
        return
      case 'stopped': {
        const instance = this.#instances.get(event.model)
        this.#asleep.delete(event.model)
        if (event.isAsleep === true && instance !== undefined) {
          const { model } = instance
          const asleep = { ...model, sizeBytes: model.sleepingBytes ?? {} }
          this.#asleep.set(event.model, { model: asleep, isEnding: false })
        }
        this.#forget(event.model, event.nowMs)
        return
      }
      case 'pin':
        if (this.#described(event.model)) this.#leases.set(event.model, event.untilMs)
        // A lease that begins after the model has been put out comes too late.
        if (this.#phaseOf(event.model, event.nowMs) === 'closing') this.#mayStop.add(event.model)
        return
      case 'unpin':
        this.#leases.delete(event.model)
        return
      case 'unload':
        for (const name of this.#instances.keys())
          if (event.model === undefined || event.model === name) this.#mayStop.add(name)
        return
      case 'configure':
        this.#settings = event.settings
        for (const name of this.#retryAt.keys()) if (!this.#described(name)) this.#retryAt.delete(name)
        for (const name of this.#leases.keys()) if (!this.#described(name)) this.#leases.delete(name)
        for (const name of this.#instances.keys()) if (!this.#described(name)) this.#mayStop.add(name)
        return
      case 'estimated':
      case 'idle':
      case 'tick':
        return
    }
  }

  onEffect(effect: SchedulerEffect, nowMs: number): void {
    switch (effect.type) {
      case 'serve':
        return this.#onServe(effect.requestId, effect.model, nowMs)
      case 'refuse':
        return this.#onRefuse(effect, nowMs)
      case 'start':
        return this.#onStart(effect.model, nowMs)
      case 'stop':
        return this.#asleep.has(effect.model) ? this.#onEndOfSleep(effect) : this.#onStop(effect.model, nowMs)
      case 'prefetch':
        return must(
          effect.models.every((name) => !this.#instances.has(name)),
          'only what is out is read ahead',
        )
      case 'wakeAt':
        return must(effect.atMs > nowMs, 'a wake-up lies ahead')
      case 'policyFailed':
        return must(false, effect.message)
    }
  }

  after(nowMs: number): void {
    let isSomebodyOverdue = false
    const queued = new Map<string, number>()
    for (const { requestId, deadlineMs, model, lane, arrivedAtMs } of this.#waiting.values()) {
      must(deadlineMs > nowMs, `${requestId} waits past its deadline`)
      queued.set(model, (queued.get(model) ?? 0) + 1)
      isSomebodyOverdue ||= arrivedAtMs + patienceMs(lane, this.#settings.maxWaitMs) <= nowMs
    }
    must(this.#waiting.size <= this.#settings.queuedMax, `${this.#waiting.size} wait`)
    for (const [name, count] of queued) {
      must(count <= this.#settings.queuedPerModelMax, `${count} wait for ${name}`)
      this.#mustWork(name, { nowMs, isSomebodyOverdue })
    }
    if (this.#bound?.isWatching !== true) return
    const standing = this.#standing(nowMs)
    this.#bound.after(standing)
    this.#turns?.after(standing)
  }

  atTheEnd(): void {
    must(this.#waiting.size === 0, `${[...this.#waiting.keys()].join(', ')} never ended`)
    const { queue, models, swaps } = this.#scheduler.snapshot(Number.MAX_SAFE_INTEGER)
    must(queue.length === 0 && swaps.length === 0, 'nothing is left over')
    must(
      models.every(({ running, queued }) => running === 0 && queued === 0),
      'no model thinks that it is busy',
    )
    for (const name of this.#asleep.keys()) must(this.#described(name) !== undefined, `${name} sleeps for nobody`)
    this.#bound?.check()
  }

  #forget(name: string, nowMs: number): void {
    this.#instances.delete(name)
    this.#mayStop.delete(name)
    this.#lastGoneMs = nowMs
  }

  #onServe(requestId: string, name: string, nowMs: number): void {
    const request = this.#waiting.get(requestId)
    const instance = this.#instances.get(name)
    if (request === undefined) return must(false, `${requestId} is served without waiting`)
    must(instance?.phase === 'ready', `${requestId} is sent to ${name}, which is ${instance?.phase ?? 'absent'}`)
    const { isLoadOnly, lane, model, principal } = request
    if (isLoadOnly !== true) {
      for (const other of this.#waiting.values()) {
        // Maps keep the order of arrival.
        if (other === request) break
        const isSameLine = other.model === model && other.lane === lane && other.principal === principal
        must(!isSameLine || other.isLoadOnly === true, `${requestId} passes ${other.requestId}`)
      }
      instance?.running.add(requestId)
      const described = this.#described(name)
      must(described !== undefined && (instance?.running.size ?? 0) <= slotsOf(described), `${name} has no slot`)
    }
    this.#bound?.served(requestId, nowMs)
    this.#waiting.delete(requestId)
  }

  #onRefuse(effect: Extract<SchedulerEffect, { type: 'refuse' }>, nowMs: number): void {
    const request = this.#waiting.get(effect.requestId)
    if (request === undefined) return must(false, `${effect.requestId} is refused without waiting`)
    const others = [...this.#waiting.values()].filter(({ requestId }) => requestId !== effect.requestId)
    if (effect.reason === 'queue_full' || effect.reason === 'queues_full') {
      must(this.#arriving === effect.requestId, 'only who arrives finds a queue full')
      const ahead = others.filter(({ model }) => effect.reason === 'queues_full' || model === request.model).length
      const { queuedMax, queuedPerModelMax } = this.#settings
      const most = effect.reason === 'queues_full' ? queuedMax : queuedPerModelMax
      must(ahead >= most, `${effect.requestId} is refused though only ${ahead} of ${most} wait`)
    }
    if (effect.reason === 'waited_too_long') {
      must(request.deadlineMs <= nowMs, `${effect.requestId} had time left`)
      const couldSinceMs = Math.max(this.#retryAt.get(request.model) ?? Infinity, this.#lastGoneMs)
      must(
        couldSinceMs > nowMs - 2_000 ||
          this.#instances.size > 0 ||
          this.#isHeldUpByAnEndingProcess(request.model, nowMs),
        `${request.model} was never tried again for ${effect.requestId}`,
      )
    }
    this.#bound?.left(effect.requestId, nowMs)
    this.#waiting.delete(effect.requestId)
  }

  /**
   * A process that is being ended holds its memory, and keeps its own model from starting, until it has gone. Whoever was
   * chosen before and waits for that has the memory by then, as a swap has whose victims still stop. Enough are being ended:
   * beside those that go on sleeping there is room.
   */
  #isHeldUpByAnEndingProcess(name: string, nowMs: number): boolean {
    const wanted = this.#described(name)
    const sleepers = [...this.#asleep.values()]
    const ending = sleepers.filter(({ isEnding }) => isEnding)
    if (wanted === undefined || ending.length === 0) return false
    if (ending.some(({ model }) => model.name === name)) return true
    const chosen = this.#scheduler.swaps(nowMs).flatMap(({ target }) => this.#described(target) ?? [])
    const others = chosen.filter((model) => model.name !== name)
    const { pools } = this.#settings
    if (!this.#constraint().admits({ target: wanted, beside: others })) return true
    const isRoomBeside = (held: typeof sleepers): boolean => {
      const beside = [...held.flatMap(({ model }) => (model.name === name ? [] : [model])), ...others]
      return memoryPools(pools).admits({ target: wanted, beside })
    }
    return !isRoomBeside(sleepers) && isRoomBeside(sleepers.filter(({ isEnding }) => !isEnding))
  }

  #onStart(name: string, nowMs: number): void {
    const model = this.#described(name)
    if (model === undefined) return must(false, `${name} is started though nobody configured it`)
    must(!this.#instances.has(name), `${name} is started twice`)
    must(this.#asleep.get(name)?.isEnding !== true, `${name} is started while its process is being ended`)
    this.#asleep.delete(name)
    must((this.#retryAt.get(name) ?? 0) <= nowMs, `${name} is started before its time`)
    const beside = this.#present()
    must(
      this.#constraint().admits({ target: model, beside }),
      `${name} may not be beside ${beside.map((other) => other.name).join()}`,
    )
    for (const [pool, bytes] of Object.entries(this.#settings.pools)) {
      const asleep = Array.from(this.#asleep.values(), (sleeper) => sleeper.model)
      const used = [model, ...beside, ...asleep].reduce((sum, held) => sum + sizeIn(held, pool), 0)
      must(used <= bytes || sizeIn(model, pool) === 0, `${used} of ${bytes} in ${pool}`)
    }
    this.#instances.set(name, { model, phase: 'loading', running: new Set(), batch: [] })
    this.#bound?.started(name, nowMs)
    this.#turns?.started(name)
  }

  #onEndOfSleep({ model: name, isFinal }: Extract<SchedulerEffect, { type: 'stop' }>): void {
    const sleeper = this.#asleep.get(name)
    must(isFinal === true && sleeper?.isEnding === false, `${name} is ended out of its sleep once, and for good`)
    if (sleeper !== undefined) sleeper.isEnding = true
  }

  #onStop(name: string, nowMs: number): void {
    const instance = this.#instances.get(name)
    if (instance === undefined) return must(false, `${name} is stopped though it does not run`)
    must(instance.phase !== 'stopping', `${name} is stopped twice`)
    must(instance.running.size === 0, `${name} is stopped while it serves ${[...instance.running].join(', ')}`)
    const unserved = instance.batch.filter((requestId) => this.#waiting.has(requestId))
    must(unserved.length === 0 || this.#mayStop.has(name), `${name} was loaded for ${unserved.join(', ')}`)
    const isLeased = (this.#leases.get(name) ?? 0) > nowMs
    must(!isLeased || this.#mayStop.has(name), `${name} is leased`)
    must(this.#described(name)?.isPinned !== true || this.#mayStop.has(name), `${name} is pinned`)
    instance.phase = 'stopping'
  }

  /** Who waits has a reason to: no slot is free, no room is free, or what is free is kept for somebody overdue. */
  #mustWork(name: string, { nowMs, isSomebodyOverdue }: { nowMs: number; isSomebodyOverdue: boolean }): void {
    const model = this.#described(name)
    if (model === undefined) return
    const instance = this.#instances.get(name)
    if (instance !== undefined) {
      const isFree = instance.phase === 'ready' && instance.running.size < slotsOf(model)
      must(!isFree || this.#phaseOf(name, nowMs) !== 'ready', `${name} is ready, has a slot and somebody waits`)
    } else if (!isSomebodyOverdue && (this.#retryAt.get(name) ?? 0) <= nowMs && this.#settings.policy.name !== 'fifo') {
      const isRoom = this.#constraint().admits({ target: model, beside: this.#present() })
      const arePending = isRoom && this.#scheduler.swaps(nowMs).length > 0
      must(!isRoom || arePending, `${name} waits though there is room`)
    }
  }

  #standing(nowMs: number): Standing {
    const oldestAtMs = new Map<string, number>()
    for (const { model, arrivedAtMs } of this.#waiting.values()) {
      if (!oldestAtMs.has(model)) oldestAtMs.set(model, arrivedAtMs)
    }
    const phases = this.#settings.models.map(({ name }) => [name, this.#phaseOf(name, nowMs) ?? 'absent'] as const)
    return { nowMs, phases: new Map(phases), swaps: this.#scheduler.swaps(nowMs), oldestAtMs }
  }

  #phaseOf(name: string, nowMs: number): ModelPhase | undefined {
    return this.#scheduler.model(name, nowMs)?.phase
  }

  #present(): readonly SchedulerModel[] {
    return Array.from(this.#instances.values(), ({ model }) => model)
  }

  #constraint(): ResidencyConstraint {
    return allOf([memoryPools(this.#settings.pools), this.#settings.constraint ?? allOf([])])
  }

  #described(name: string): SchedulerModel | undefined {
    return this.#settings.models.find((model) => model.name === name)
  }
}

function slotsOf({ slots, concurrencyMax = slots }: SchedulerModel): number {
  return Math.min(slots, concurrencyMax)
}
