import { randomUUID } from 'node:crypto'

import { sql } from 'kysely'
import type { Kysely } from 'kysely'

import type { Backlog, Consumer, ConsumerOptions, Delivery, FetchOptions } from '../../core/bus.ts'
import type { Tables } from '../database.ts'
import type { WakeUps } from './wake-ups.ts'

export interface TableConsumerOptions extends ConsumerOptions {
  readonly query: Kysely<Tables>
  readonly wakeUps: WakeUps
}

/** Events of other processes, and those whose time has come again, are looked for this often. */
const pollMs = 500

/** Where a delivery is in the table, and the claim under which it was lent. */
interface Place {
  readonly number: string
  readonly claim: string
}

/** Deliveries are claimed by moving the time at which they can be seen: who dies loses the claim by doing nothing. */
export class TableConsumer implements Consumer {
  readonly #options: TableConsumerOptions
  readonly #places = new WeakMap<Delivery, Place>()

  constructor(options: TableConsumerOptions) {
    this.#options = options
  }

  async fetch({ most, waitMs, signal }: FetchOptions): Promise<readonly Delivery[]> {
    const deadlineMs = performance.now() + waitMs
    for (;;) {
      if (signal?.aborted === true) return []
      const deliveries = await this.#claim(most)
      const leftMs = deadlineMs - performance.now()
      if (deliveries.length > 0 || leftMs <= 0) return deliveries
      await this.#options.wakeUps.wait(Math.min(pollMs, leftMs), signal)
    }
  }

  async done(deliveries: readonly Delivery[]): Promise<void> {
    const { query, name } = this.#options
    // Whoever holds it now: the work has been done, and doing it again would only be refused by what is there.
    await sql`
      delete from llmr.bus_delivery
      where consumer = ${name} and event = any(${this.#numbers(deliveries)}::bigint[])`.execute(query)
  }

  async working(deliveries: readonly Delivery[]): Promise<void> {
    await this.#delay(deliveries, this.#options.ackWaitMs, sql`delivery.claim`)
  }

  async release(deliveries: readonly Delivery[], afterMs: number): Promise<void> {
    await this.#delay(deliveries, afterMs, sql`null`)
    this.#options.wakeUps.wake()
  }

  async bury(delivery: Delivery, reason: string): Promise<void> {
    const { query, name } = this.#options
    const { number, claim } = this.#placeOf(delivery)
    await sql`
      with buried as (
        delete from llmr.bus_delivery where consumer = ${name} and event = ${number} and claim = ${claim} returning *
      )
      insert into llmr.dead_letter (consumer, id, subject, headers, body, reason, attempts, published_at)
      select buried.consumer, event.id, subject, headers, body, ${storable(reason)}, buried.attempts, published_at
      from buried join llmr.bus_event event on event.number = buried.event`.execute(query)
  }

  backlog(): Promise<Backlog> {
    return backlogOf(this.#options.query, this.#options.name)
  }

  async #claim(most: number): Promise<readonly Delivery[]> {
    const { query, name, ackWaitMs } = this.#options
    const claim = randomUUID()
    const { rows } = await sql<ClaimedRow>`
      with next as (
        select event from llmr.bus_delivery
        where consumer = ${name} and visible_at <= now()
        order by event limit ${most} for update skip locked
      ), claimed as (
        update llmr.bus_delivery delivery
        set visible_at = now() + ${ackWaitMs} * interval '1 millisecond', attempts = attempts + 1, claim = ${claim}
        from next where delivery.consumer = ${name} and delivery.event = next.event
        returning delivery.event, delivery.attempts
      )
      select number, attempts, id, subject, headers, body, published_at as "publishedAt"
      from claimed join llmr.bus_event event on event.number = claimed.event order by number`.execute(query)
    return rows.map(({ number, attempts, publishedAt, ...event }) => {
      const delivery: Delivery = { event, attempt: attempts, publishedAtMs: publishedAt.getTime() }
      this.#places.set(delivery, { number, claim })
      return delivery
    })
  }

  /** Only of those that are still lent to this process: others have the rest by now. */
  async #delay(deliveries: readonly Delivery[], delayMs: number, claim: ReturnType<typeof sql>): Promise<void> {
    const { query, name } = this.#options
    const claims = deliveries.map((delivery) => this.#placeOf(delivery).claim)
    await sql`
      update llmr.bus_delivery delivery
      set visible_at = now() + ${delayMs} * interval '1 millisecond', claim = ${claim}
      from unnest(${this.#numbers(deliveries)}::bigint[], ${claims}::uuid[]) as held (event, claim)
      where consumer = ${name} and delivery.event = held.event and delivery.claim = held.claim`.execute(query)
  }

  #numbers(deliveries: readonly Delivery[]): readonly string[] {
    return deliveries.map((delivery) => this.#placeOf(delivery).number)
  }

  #placeOf(delivery: Delivery): Place {
    const place = this.#places.get(delivery)
    if (place === undefined) throw new TypeError('expected a delivery that this consumer has fetched')
    return place
  }
}

/** What one consumer has before it. */
export async function backlogOf(query: Kysely<Tables>, name: string): Promise<Backlog> {
  const { rows } = await sql<{ waiting: number; lent: number; oldestMs: number | null }>`
    select
      (count(*) filter (where visible_at <= now()))::integer as waiting,
      (count(*) filter (where visible_at > now()))::integer as lent,
      extract(epoch from now() - min(published_at))::float8 * 1000 as "oldestMs"
    from llmr.bus_delivery delivery join llmr.bus_event event on event.number = delivery.event
    where consumer = ${name}`.execute(query)
  const { waiting = 0, lent = 0, oldestMs = null } = rows[0] ?? {}
  return { waiting, lent, ...(oldestMs !== null && { oldestMs }) }
}

interface ClaimedRow {
  readonly number: string
  readonly attempts: number
  readonly id: string
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly publishedAt: Date
}

/** PostgreSQL's text holds every character but this one. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD')
}
