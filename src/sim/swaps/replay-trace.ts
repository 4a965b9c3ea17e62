import { EventQueue } from './event-queue.ts'
import { ModelFiles } from './model-files.ts'
import type { Reading } from './model-files.ts'
import { PrefixCache } from './prefix-cache.ts'
import type { ReplayHost, ReplayModel } from './replay-host.ts'
import type { ReplayEffect, ReplayEvent, ReplayScheduler } from './replay-scheduler.ts'
import type { TraceRow } from './trace-row.ts'

export interface Replay {
  readonly rows: readonly TraceRow[]
  readonly models: readonly ReplayModel[]
  readonly host: ReplayHost
  /** A request that still waits after so long is refused by the scheduler, which a replay does not count as served. */
  readonly timeoutMs: number
}

export interface ReplayResult {
  readonly served: readonly ServedRequest[]
  readonly refused: number
  readonly loads: number
  readonly loadingMs: number
  /** Share of the VRAM-time during which somebody waited, in which that memory was free or its model idle. */
  readonly idleWhileWaiting: number
}

/** When things happened to one request, milliseconds from the start of the trace. */
export interface ServedRequest {
  readonly model: string
  readonly arrivedMs: number
  readonly startedMs: number
  readonly firstTokenMs: number
  readonly endedMs: number
}

/**
 * Plays a trace to a scheduler in simulated time, on one host with one pool of VRAM. Models that are resident do not slow
 * each other down, nothing fails and nobody leaves early.
 */
export function replayTrace(replay: Replay, scheduler: ReplayScheduler): ReplayResult {
  return new ReplayRun(replay, scheduler).run()
}

type Happening =
  | { readonly type: 'arrival'; readonly index: number }
  | { readonly type: 'ended'; readonly index: number; readonly model: string }
  | { readonly type: 'loaded'; readonly model: string; readonly loadMs: number }
  | { readonly type: 'stopped'; readonly model: string }
  | { readonly type: 'read'; readonly reading: Reading }
  | { readonly type: 'tick' }

class ReplayRun {
  readonly #replay: Replay
  readonly #scheduler: ReplayScheduler
  readonly #models: ReadonlyMap<string, ReplayModel>
  readonly #events = new EventQueue<Happening>()
  readonly #files: ModelFiles
  readonly #prefixes: PrefixCache
  /** Requests at work, by each model that holds VRAM. */
  readonly #resident = new Map<string, number>()
  readonly #loading = new Set<string>()
  readonly #served: ServedRequest[] = []
  #waiting = 0
  #left: number
  #refused = 0
  #loads = 0
  #loadingMs = 0
  #nowMs = 0
  #wakeAtMs = Infinity
  #waitedByteMs = 0
  #idleByteMs = 0

  constructor(replay: Replay, scheduler: ReplayScheduler) {
    this.#replay = replay
    this.#scheduler = scheduler
    this.#models = new Map(replay.models.map((model) => [model.name, model]))
    this.#files = new ModelFiles({
      host: replay.host,
      sizeOf: (name) => this.#model(name).sizeBytes,
      endAt: (atMs, reading) => this.#events.add(atMs, { type: 'read', reading }),
    })
    this.#prefixes = new PrefixCache(replay.host)
    this.#left = replay.rows.length
    for (const [index, { arrivalMs }] of replay.rows.entries()) this.#events.add(arrivalMs, { type: 'arrival', index })
  }

  run(): ReplayResult {
    while (this.#left > 0) {
      const next = this.#events.next()
      if (next === undefined) throw new Error(`The scheduler left ${this.#left} requests waiting for ever.`)
      this.#account(next.atMs)
      this.#nowMs = next.atMs
      this.#happen(next.entry)
      this.#tellEstimates()
    }
    return {
      served: this.#served,
      refused: this.#refused,
      loads: this.#loads,
      loadingMs: this.#loadingMs,
      idleWhileWaiting: this.#waitedByteMs === 0 ? 0 : this.#idleByteMs / this.#waitedByteMs,
    }
  }

  #happen(happening: Happening): void {
    const nowMs = this.#nowMs
    switch (happening.type) {
      case 'arrival': {
        const { model } = this.#row(happening.index)
        this.#waiting += 1
        return this.#tell({
          type: 'arrive',
          nowMs,
          requestId: String(happening.index),
          model,
          lane: 'interactive',
          principal: 'trace',
          weight: 1,
          deadlineMs: nowMs + this.#replay.timeoutMs,
        })
      }
      case 'ended':
        this.#left -= 1
        this.#resident.set(happening.model, (this.#resident.get(happening.model) ?? 1) - 1)
        return this.#tell({ type: 'finished', nowMs, requestId: String(happening.index) })
      case 'loaded':
        this.#loading.delete(happening.model)
        this.#tell({ type: 'loaded', nowMs, model: happening.model, loadMs: happening.loadMs })
        return this.#files.loadEnds(happening.model, nowMs)
      case 'stopped':
        this.#resident.delete(happening.model)
        return this.#tell({ type: 'stopped', nowMs, model: happening.model })
      case 'read':
        return this.#files.readingEnds(happening.reading, nowMs)
      case 'tick':
        if (nowMs !== this.#wakeAtMs) return
        return this.#tell({ type: 'tick', nowMs })
    }
  }

  #tell(event: ReplayEvent): void {
    for (const effect of this.#scheduler.handle(event)) this.#obey(effect)
  }

  #obey(effect: ReplayEffect): void {
    switch (effect.type) {
      case 'serve':
        return this.#serve(Number(effect.requestId))
      case 'start':
        return this.#load(effect.model)
      case 'stop': {
        const saveMs = this.#prefixes.leave(effect.model)
        return this.#events.add(this.#nowMs + this.#replay.host.stopMs + saveMs, {
          type: 'stopped',
          model: effect.model,
        })
      }
      case 'prefetch':
        return this.#files.want(effect.models, this.#nowMs)
      case 'refuse':
        this.#waiting -= 1
        this.#left -= 1
        this.#refused += 1
        return
      case 'wakeAt':
        // Replaces the one before, which is passed over when its time comes.
        this.#wakeAtMs = effect.atMs
        return this.#events.add(effect.atMs, { type: 'tick' })
      case 'policyFailed':
        throw new Error(effect.message)
    }
  }

  #serve(index: number): void {
    const row = this.#row(index)
    const { prefillMs, serviceMs } = this.#prefixes.serve(row, this.#model(row.model))
    this.#waiting -= 1
    this.#resident.set(row.model, (this.#resident.get(row.model) ?? 0) + 1)
    this.#served.push({
      model: row.model,
      arrivedMs: row.arrivalMs,
      startedMs: this.#nowMs,
      firstTokenMs: this.#nowMs + prefillMs,
      endedMs: this.#nowMs + serviceMs,
    })
    this.#events.add(this.#nowMs + serviceMs, { type: 'ended', index, model: row.model })
  }

  #load(name: string): void {
    const takesMs = this.#files.loadBegins(name, this.#nowMs)
    this.#resident.set(name, 0)
    this.#loading.add(name)
    this.#loads += 1
    this.#loadingMs += takesMs
    this.#events.add(this.#nowMs + takesMs, { type: 'loaded', model: name, loadMs: takesMs })
  }

  #tellEstimates(): void {
    for (const model of this.#files.takeChanged()) {
      this.#tell({ type: 'estimated', nowMs: this.#nowMs, model, loadMs: this.#files.loadMs(model) })
    }
  }

  #account(untilMs: number): void {
    if (this.#waiting === 0) return
    const spanMs = untilMs - this.#nowMs
    const { vramBytes } = this.#replay.host
    let inUse = 0
    for (const [name, atWork] of this.#resident) {
      if (atWork > 0 || this.#loading.has(name)) inUse += this.#model(name).sizeBytes
    }
    this.#waitedByteMs += vramBytes * spanMs
    this.#idleByteMs += (vramBytes - inUse) * spanMs
  }

  #row(index: number): TraceRow {
    const row = this.#replay.rows[index]
    if (row === undefined) throw new Error(`The scheduler served request ${index}, which the trace does not have.`)
    return row
  }

  #model(name: string): ReplayModel {
    const model = this.#models.get(name)
    if (model === undefined) throw new Error(`The scheduler named ${name}, which the trace does not ask for.`)
    return model
  }
}
