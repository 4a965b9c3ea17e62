import { setTimeout as delay } from 'node:timers/promises'

import type { Bus, BusEvent } from '../../core/bus.ts'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logger.ts'
import type { Spool } from './spool.ts'
import type { SpoolEntry } from './spool-entry.ts'
import { type EventName, Unconfirmed } from './unconfirmed.ts'

export interface SpoolSenderOptions {
  readonly spool: Spool
  /** Asked for each time; rejects while it cannot be reached. */
  readonly bus: () => Bus | Promise<Bus>
  /**
   * Which of these events have been worked on for good, for a bus that does not survive everything; what has not is kept and
   * published again. Absent: what is published is safe.
   */
  readonly confirm?: (events: readonly EventName[]) => Promise<readonly EventName[]>
  /** What is older is let go: whoever was to work on it never did. Absent: nothing is. */
  readonly giveUp?: { readonly afterMs: number; readonly now: () => number }
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: Logger
}

/** Since the start of this process. */
export interface SenderCounts {
  published: number
  /** Larger than the broker takes, or given up. */
  refused: number
}

const batchMax = 256
/** A bus that hangs: the same events are published again, which does no harm. */
const publishTimeoutMs = 30_000
const retryFirstMs = 500
const retryMostMs = 15_000
const confirmEveryMs = 1_000
const confirmMost = 1_000
/** What is in hand at the end may take so long; then it is left to the next process. */
const closeGraceMs = 1_000
/** Takes events out of the spool and to the bus, for as long as it takes. */
export class SpoolSender {
  readonly counts: SenderCounts = { published: 0, refused: 0 }
  readonly #options: SpoolSenderOptions
  readonly #stop = new AbortController()
  /** Given when even work in hand is not waited for any more. */
  readonly #abandon = new AbortController()
  readonly #unconfirmed = new Unconfirmed()
  #epoch: string | undefined
  readonly #work: Promise<unknown>
  #wake: (() => void) | undefined
  #isWell = true

  constructor(options: SpoolSenderOptions) {
    this.#options = options
    this.#work = Promise.all([this.#send(), options.confirm && this.#confirm(options.confirm)])
  }

  get isWell(): boolean {
    return this.#isWell
  }

  /** There is something in the spool. */
  wake(): void {
    this.#wake?.()
  }

  /** Ends within a second or so, with what is in hand. May be called twice. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.wake()
    const timer = setTimeout(() => this.#abandon.abort(), closeGraceMs)
    await this.#work
    clearTimeout(timer)
  }

  async #send(): Promise<void> {
    const { spool, logger } = this.#options
    const { signal } = this.#stop
    let waitMs = retryFirstMs
    while (!signal.aborted) {
      const entries = spool.take(batchMax)
      if (entries.length === 0) {
        await this.#untilWoken()
        continue
      }
      try {
        await this.#publish(entries)
        if (!this.#isWell) logger.info({}, 'events reach the bus again')
        this.#isWell = true
        waitMs = retryFirstMs
      } catch (error) {
        spool.giveBack(entries)
        if (this.#isWell) logger.warn({ err: error }, 'events do not reach the bus; they are kept in the spool')
        this.#isWell = false
        await pause(waitMs, signal)
        waitMs = Math.min(2 * waitMs, retryMostMs)
      }
    }
  }

  async #publish(entries: readonly SpoolEntry[]): Promise<void> {
    const { spool } = this.#options
    const read = await spool.read(entries)
    const isOld = read.map((event) => this.#isTooOld(event))
    const kept = entries.filter((_, index) => isOld[index] === false)
    const events = read.filter((_, index) => isOld[index] === false)
    if (events.length > 0) await this.#publishKept(kept, events)
    // Last: whatever fails before this gives all of them back.
    if (events.length < read.length) this.#letGo(entries.filter((_, index) => isOld[index] === true))
  }

  async #publishKept(entries: readonly SpoolEntry[], events: readonly BusEvent[]): Promise<void> {
    const { spool, clock, confirm } = this.#options
    const bus = await this.#within(Promise.resolve(this.#options.bus()))
    // Known before the first is handed over; what changes later is seen while they wait to be confirmed.
    this.#epoch ??= await this.#epochOf(bus)
    const epoch = this.#epoch
    const refused = await this.#publishAll(bus, events)
    const publishedMs = clock.monotonic()
    events.forEach((event, index) => {
      const entry = entries[index]
      if (entry === undefined) return
      if (confirm === undefined || refused.has(event)) spool.settle([entry])
      else this.#unconfirmed.add({ name: { id: event.id, subject: event.subject }, entry, publishedMs, epoch })
    })
    this.counts.published += events.length - refused.size
  }

  #isTooOld({ headers }: BusEvent): boolean {
    const { giveUp } = this.#options
    return giveUp !== undefined && Date.parse(headers['ce-time'] ?? '') < giveUp.now() - giveUp.afterMs
  }

  #letGo(entries: readonly SpoolEntry[]): void {
    const { spool, logger } = this.#options
    spool.settle(entries)
    this.counts.refused += entries.length
    logger.error({ events: entries.length }, 'events that no worker could work on for too long are given up, and lost')
  }

  /** Resolves to those that the bus can never take. */
  async #publishAll(bus: Bus, events: readonly BusEvent[]): Promise<ReadonlySet<BusEvent>> {
    const refused = new Set<BusEvent>()
    try {
      await this.#within(bus.publish(events))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      for (const event of events) {
        await this.#within(bus.publish([event])).catch((alone: unknown) => {
          if (!(alone instanceof RangeError)) throw alone
          this.counts.refused += 1
          this.#options.logger.error(
            { event: event.id, err: alone },
            'an event is larger than the bus takes, and is lost',
          )
          refused.add(event)
        })
      }
    }
    return refused
  }

  async #confirm(confirm: NonNullable<SpoolSenderOptions['confirm']>): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(confirmEveryMs, signal)
      if (this.#unconfirmed.size === 0) continue
      await this.#confirmAll(confirm).catch(() => undefined) // asked again; until then they stay
      await this.#giveBackLost().catch(() => undefined) // likewise, while the bus cannot be asked
    }
  }

  /** Once through all that there are now, or until none of those asked about is done: the others are later ones. */
  async #confirmAll(confirm: NonNullable<SpoolSenderOptions['confirm']>): Promise<void> {
    for (let left = this.#unconfirmed.size; left > 0 && !this.#stop.signal.aborted; left -= confirmMost) {
      const asked = this.#unconfirmed.next(Math.min(left, confirmMost))
      const done = await this.#within(confirm(asked))
      this.#options.spool.settle(this.#unconfirmed.confirmed(done))
      this.#unconfirmed.postpone(asked)
      if (done.length === 0) return
    }
  }

  async #giveBackLost(): Promise<void> {
    const { spool, clock, logger } = this.#options
    const epoch = await this.#epochOf(await this.#within(Promise.resolve(this.#options.bus())))
    if (epoch !== this.#epoch) logger.warn({}, 'the bus has lost what it had; what is not done is published again')
    this.#epoch = epoch
    const lost = this.#unconfirmed.takeLost({ ms: clock.monotonic(), epoch })
    if (lost.length === 0) return
    spool.giveBack(lost)
    this.wake()
  }

  async #epochOf(bus: Bus): Promise<string | undefined> {
    return bus.epoch && this.#within(bus.epoch())
  }

  async #within<Value>(work: Promise<Value>): Promise<Value> {
    const { promise, reject } = Promise.withResolvers<never>()
    const giveUp = (): void => reject(new Error(`The bus has not answered within ${publishTimeoutMs} ms.`))
    const timer = setTimeout(giveUp, publishTimeoutMs)
    const { signal } = this.#abandon
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await Promise.race([work, promise])
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  async #untilWoken(): Promise<void> {
    if (this.#stop.signal.aborted || this.#options.spool.waiting > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
    this.#wake = undefined
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined) // cut short by the end
}
