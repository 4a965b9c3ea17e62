import { setTimeout as delay } from 'node:timers/promises'

import type { Backlog, Bus, Consumer, Delivery } from './core/bus.ts'
import type { Logger } from './core/logger.ts'
import { settledWithin } from './core/settled-within.ts'
import { type Blamed, sortDeliveries } from './events/sort-deliveries.ts'
import { workBatch } from './events/work-batch.ts'
import type { WorkerCounter, WorkerDefinition } from './core/worker-definition.ts'

export interface WorkerOptions {
  readonly definition: WorkerDefinition
  /** Opened by whoever hands it in; asked for again whenever something failed. Rejects while it cannot be reached. */
  readonly bus: () => Bus | Promise<Bus>
  /** Events in one go. */
  readonly batch: number
  /** Batches worked on at once. */
  readonly concurrency: number
  /** Ends by itself when there is nothing left to fetch. */
  readonly once?: boolean
  /** After so long without a sign of life an event is lent to somebody else; 30 s by default. */
  readonly ackWaitMs?: number
  /** How long `close` waits for batches in hand; 10 s by default. */
  readonly closeTimeoutMs?: number
  readonly logger: Logger
}

export interface RunningWorker {
  readonly standing: () => WorkerStanding
  /** What is before it; undefined when the bus does not say so within two seconds. Rejects never. */
  readonly backlog: () => Promise<Backlog | undefined>
  /** Rejects never; resolves when it has ended, after `close` or by itself. */
  readonly ended: Promise<void>
  /** Lets batches in hand end, for so long and no longer; what is not done by then is lent to others. May be called twice. */
  close(): Promise<void>
}

/** How it goes, for whoever looks: since the start of this process. */
export interface WorkerStanding {
  readonly name: string
  /** False while something that is no event's fault keeps it from working. */
  readonly isWell: boolean
  readonly done: number
  readonly buried: number
  /** Times that something kept it from working. */
  readonly held: number
  readonly counters: readonly WorkerCounter[]
}

const defaultAckWaitMs = 30_000
const fetchWaitMs = 5_000
const usualCloseTimeoutMs = 10_000
const backlogTimeoutMs = 2_000
const holdFirstMs = 500
const holdMostMs = 15_000
/** What is for a worker of a later version goes round until it meets one. */
const passOnAfterMs = 2_000

/**
 * The side path: fetch a batch, do it, say that it is done, in so many lanes. Events that are at fault are put aside;
 * whatever else fails holds the batch, and is tried until it works. Nothing is counted against an event for that: an
 * outage may take as long as it takes.
 */
export function startWorker(options: WorkerOptions): RunningWorker {
  const worker = new Worker(options)
  return {
    standing: () => worker.standing(),
    backlog: () => worker.backlog(),
    ended: worker.ended,
    close: () => worker.close(),
  }
}

class Worker {
  readonly ended: Promise<void>
  readonly #options: WorkerOptions
  readonly #stop = new AbortController()
  readonly #counts = { done: 0, buried: 0, held: 0 }
  readonly #ill = new Set<number>()
  #begun: Promise<void> | undefined
  /** The one opened last, of any lane: they all have the same before them. */
  #consumer: Consumer | undefined
  /** What was said last of why; another reason is said too. */
  #problem = ''

  constructor(options: WorkerOptions) {
    this.#options = options
    const lanes = Array.from({ length: options.concurrency }, (_, lane) => this.#runLane(lane))
    this.ended = Promise.all(lanes).then(() => options.definition.close?.())
  }

  standing(): WorkerStanding {
    const { name, counters } = this.#options.definition
    return { name, isWell: this.#ill.size === 0, ...this.#counts, counters: counters?.() ?? [] }
  }

  async backlog(): Promise<Backlog | undefined> {
    const asked = this.#consumer?.backlog()
    return asked !== undefined && (await settledWithin(asked, backlogTimeoutMs))
      ? asked.catch(() => undefined)
      : undefined
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#options.definition.close?.()
    await settledWithin(this.ended, this.#options.closeTimeoutMs ?? usualCloseTimeoutMs)
  }

  async #runLane(lane: number): Promise<void> {
    const { signal } = this.#stop
    let consumer: Consumer | undefined
    while (!signal.aborted) {
      try {
        consumer ??= await this.#open()
        const deliveries = await consumer.fetch({
          most: this.#options.batch,
          waitMs: this.#options.once ? 0 : fetchWaitMs,
          signal,
        })
        this.#recovered(lane)
        if (deliveries.length > 0) await this.#work(lane, consumer, deliveries)
        else if (this.#options.once) return
      } catch (error) {
        // Opened anew: somebody may have taken the consumer away, and its stream with it.
        consumer = undefined
        this.#fell(lane, error)
        await pause(holdFirstMs, signal)
      }
    }
  }

  /** From here on each delivery ends in done, buried or released; a process that dies meanwhile releases by that. */
  async #work(lane: number, consumer: Consumer, deliveries: readonly Delivery[]): Promise<void> {
    const unsettled = new Set(deliveries)
    const beat = setInterval(() => void consumer.working([...unsettled]).catch(() => undefined), this.#ackWaitMs / 3)
    try {
      const { passedOn, givenUp, groups } = sortDeliveries(deliveries, this.#options.definition, Date.now())
      if (passedOn.length > 0) await consumer.release(passedOn, passOnAfterMs)
      for (const delivery of passedOn) unsettled.delete(delivery)
      for (const blamed of givenUp) await this.#bury(consumer, blamed)
      for (const group of groups) {
        if (!(await this.#doGroup(lane, consumer, group))) return await consumer.release([...unsettled], 0)
        for (const delivery of group) unsettled.delete(delivery)
      }
    } finally {
      clearInterval(beat)
    }
  }

  /** However long it takes; false when the worker was closed before it was done. */
  async #doGroup(lane: number, consumer: Consumer, group: readonly Delivery[]): Promise<boolean> {
    for (let waitMs = holdFirstMs; ; waitMs = Math.min(2 * waitMs, holdMostMs)) {
      try {
        const { done, poison } = await workBatch(this.#options.definition, group)
        for (const blamed of poison) await this.#bury(consumer, blamed)
        await consumer.done(done)
        this.#counts.done += done.length
        this.#recovered(lane)
        return true
      } catch (error) {
        this.#fell(lane, error)
        if (this.#stop.signal.aborted) return false
        await pause(waitMs, this.#stop.signal)
      }
    }
  }

  async #bury(consumer: Consumer, { delivery, reason }: Blamed): Promise<void> {
    const { definition, logger } = this.#options
    await consumer.bury(delivery, reason)
    this.#counts.buried += 1
    logger.warn({ worker: definition.name, event: delivery.event.id, reason }, 'an event was put aside')
  }

  async #open(): Promise<Consumer> {
    const { name, subjects } = this.#options.definition
    const bus = await this.#options.bus()
    const consumer = await bus.consumer({ name, subjects, ackWaitMs: this.#ackWaitMs })
    this.#consumer = consumer
    await (this.#begun ??= this.#begin(bus))
    return consumer
  }

  /** What it publishes has its consumer by now. */
  async #begin(bus: Bus): Promise<void> {
    try {
      await this.#options.definition.begin?.(bus)
    } catch (error) {
      this.#begun = undefined
      throw error
    }
  }

  #fell(lane: number, error: unknown): void {
    if (this.#stop.signal.aborted) return // cut short by the end
    const { logger, definition } = this.#options
    this.#counts.held += 1
    const problem = error instanceof Error ? error.message : String(error)
    if (this.#ill.size === 0 || problem !== this.#problem)
      logger.warn({ worker: definition.name, err: error }, 'a worker cannot go on; it holds its events')
    this.#problem = problem
    this.#ill.add(lane)
  }

  #recovered(lane: number): void {
    const { logger, definition } = this.#options
    if (this.#ill.delete(lane) && this.#ill.size === 0) logger.info({ worker: definition.name }, 'a worker goes on')
  }

  get #ackWaitMs(): number {
    return this.#options.ackWaitMs ?? defaultAckWaitMs
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined) // cut short by the end
}
