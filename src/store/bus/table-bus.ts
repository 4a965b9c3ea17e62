import { sql } from 'kysely'
import type { Kysely, RawBuilder } from 'kysely'

import {
  type Bus,
  type BusEvent,
  type Consumer,
  type ConsumerOptions,
  type ConsumerStanding,
  type DeadLetter,
  eventsMax,
} from '../../core/bus.ts'
import type { Tables } from '../database.ts'
import { backlogOf, TableConsumer } from './table-consumer.ts'
import { WakeUps } from './wake-ups.ts'

/** Shared by publishers and taken alone by a new consumer: `llmb` in ASCII, beside the lock of the migrations. */
const lockKey = 0x6c6c6d62

/** How long the tables keep what. */
export interface BusKeeping {
  /** Events that every consumer has settled, for those that are yet to come. */
  readonly settledMs: number
  /** Events for a consumer that does not come. */
  readonly undoneMs: number
  readonly deadLettersMs: number
}

const dayMs = 86_400_000
const usualKeeping: BusKeeping = { settledMs: 3 * dayMs, undoneMs: 30 * dayMs, deadLettersMs: 30 * dayMs }

/**
 * The bus as tables of the store. An event and the turn it tells of can be written in one transaction, so that there is
 * never one without the other.
 */
export class TableBus implements Bus {
  readonly #query: Kysely<Tables>
  readonly #keeping: BusKeeping
  readonly #wakeUps = new WakeUps()

  constructor(query: Kysely<Tables>, keeping: BusKeeping = usualKeeping) {
    this.#query = query
    this.#keeping = keeping
  }

  async publish(events: readonly BusEvent[]): Promise<void> {
    await this.#query.transaction().execute((transaction) => this.publishWithin(transaction, events))
    this.#wakeUps.wake()
  }

  /** Becomes true with the caller's transaction. Consumers of this process learn of it within a second. */
  async publishWithin(transaction: Kysely<Tables>, events: readonly BusEvent[]): Promise<void> {
    if (events.length > eventsMax) {
      throw new RangeError(`expected at most ${eventsMax} events at once, got ${events.length}`)
    }
    const texts = {
      ids: events.map(({ id }) => id),
      subjects: events.map(({ subject }) => subject),
      headers: events.map(({ headers }) => JSON.stringify(headers)),
      bodies: events.map(({ body }) => JSON.stringify(body)),
    }
    // A consumer that is being made must see either the event or nothing of it: else it would never get it.
    await sql`select pg_advisory_xact_lock_shared(${lockKey})`.execute(transaction)
    await sql`
      with given as (
        select * from unnest(
          ${texts.ids}::text[], ${texts.subjects}::text[], ${texts.headers}::text[], ${texts.bodies}::text[]
        ) with ordinality as given (id, subject, headers, body, place)
      ), published as (
        insert into llmr.bus_event (id, subject, headers, body)
        select id, subject, headers::json, body::json from given order by place
        on conflict (id) do nothing
        returning number, subject
      )
      insert into llmr.bus_delivery (consumer, event)
      select consumer.name, published.number
      from published join llmr.bus_consumer consumer on ${isMeantFor(sql.ref('published.subject'))}`.execute(
      transaction,
    )
  }

  async consumer(options: ConsumerOptions): Promise<Consumer> {
    const { name, subjects } = options
    await this.#query.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction)
      const { rows } = await sql<{ isNew: boolean }>`
        insert into llmr.bus_consumer (name, subjects) values (${name}, ${subjects}::text[])
        on conflict (name) do update set subjects = array(
          select unnest(bus_consumer.subjects) union select unnest(excluded.subjects)
        )
        returning xmax = 0 as "isNew"`.execute(transaction)
      if (rows[0]?.isNew !== true) return
      await sql`
        insert into llmr.bus_delivery (consumer, event)
        select consumer.name, event.number
        from llmr.bus_event event join llmr.bus_consumer consumer
          on consumer.name = ${name} and ${isMeantFor(sql.ref('event.subject'))}`.execute(transaction)
    })
    return new TableConsumer({ ...options, query: this.#query, wakeUps: this.#wakeUps })
  }

  async removeConsumer(name: string): Promise<void> {
    await sql`delete from llmr.bus_consumer where name = ${name}`.execute(this.#query)
  }

  async consumers(): Promise<readonly ConsumerStanding[]> {
    const { rows } = await sql<{ name: string }>`select name from llmr.bus_consumer order by name`.execute(this.#query)
    return Promise.all(rows.map(async ({ name }) => ({ name, backlog: await backlogOf(this.#query, name) })))
  }

  async deadLetters(most: number): Promise<readonly DeadLetter[]> {
    const { rows } = await sql<DeadLetterRow>`
      select number, consumer, id, subject, headers, body, reason, attempts, buried_at as "buriedAt"
      from llmr.dead_letter order by number desc limit ${most}`.execute(this.#query)
    return rows.map(({ number, consumer, id, subject, headers, body, reason, attempts, buriedAt }) => ({
      id: number,
      consumer,
      event: { id, subject, headers, body },
      reason,
      attempts,
      buriedAtMs: buriedAt.getTime(),
    }))
  }

  async redrive(id: string): Promise<boolean> {
    if (!/^\d{1,18}$/.test(id)) return false
    // Of an event that is gone meanwhile a new one is made; where it is still there, its row is touched to learn its number.
    const { numAffectedRows } = await sql`
      with letter as (
        delete from llmr.dead_letter where number = ${id}
          and consumer in (select name from llmr.bus_consumer)
        returning *
      ), published as (
        insert into llmr.bus_event (id, subject, headers, body, published_at)
        select id, subject, headers, body, published_at from letter
        on conflict (id) do update set id = excluded.id
        returning number
      )
      insert into llmr.bus_delivery (consumer, event)
      select letter.consumer, published.number from letter, published
      on conflict do nothing`.execute(this.#query)
    this.#wakeUps.wake()
    return Number(numAffectedRows) > 0
  }

  /** Takes away what has been kept long enough, at most so many of each kind. Resolves to the number of rows. */
  async removeExpired(most: number): Promise<number> {
    const { settledMs, undoneMs, deadLettersMs } = this.#keeping
    const undone = await removed(
      this.#query,
      sql`
      delete from llmr.bus_delivery where (consumer, event) in (
        select delivery.consumer, delivery.event
        from llmr.bus_delivery delivery join llmr.bus_event event on event.number = delivery.event
        where event.published_at < ${ago(undoneMs)} order by event.published_at limit ${most} for update of delivery skip locked
      )`,
    )
    const letters = await removed(
      this.#query,
      sql`
      delete from llmr.dead_letter where number in (
        select number from llmr.dead_letter
        where buried_at < ${ago(deadLettersMs)} order by number limit ${most} for update skip locked
      )`,
    )
    const settled = await removed(
      this.#query,
      sql`
      delete from llmr.bus_event where number in (
        select number from llmr.bus_event event
        where published_at < ${ago(settledMs)}
          and not exists (select 1 from llmr.bus_delivery delivery where delivery.event = event.number)
        order by published_at limit ${most} for update skip locked
      )`,
    )
    return Math.max(undone, letters, settled)
  }
}

function ago(ms: number): RawBuilder<unknown> {
  return sql`now() - ${ms / 1000}::float8 * interval '1 second'`
}

async function removed(query: Kysely<Tables>, deletion: RawBuilder<unknown>): Promise<number> {
  return Number((await deletion.execute(query)).numAffectedRows)
}

interface DeadLetterRow {
  readonly number: string
  readonly consumer: string
  readonly id: string
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly reason: string
  readonly attempts: number
  readonly buriedAt: Date
}

/** Whether one of the consumer's subjects is this one, or a beginning of it. */
function isMeantFor(subject: ReturnType<typeof sql.ref>) {
  return sql`exists (
    select 1 from unnest(consumer.subjects) wanted
    where ${subject} = wanted or (right(wanted, 2) = '.>' and starts_with(${subject}, left(wanted, -1)))
  )`
}
