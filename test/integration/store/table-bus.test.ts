import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'

import { silentLogger } from '../../../src/core/logger.ts'
import { TableBus } from '../../../src/store/bus/table-bus.ts'
import type { Database } from '../../../src/store/database.ts'
import { ensureSchema } from '../../../src/store/migrations/ensure-schema.ts'
import { openDatabase } from '../../../src/store/open-database.ts'
import { describeBus } from '../../support/bus-conformance.ts'
import { engines } from './engines.ts'

for (const { name, skip, emptyPlace } of engines) {
  let opened: Promise<Database> | undefined
  const database = (): Promise<Database> => (opened ??= open())

  async function open(): Promise<Database> {
    const location = await emptyPlace()
    const made = await openDatabase(location, silentLogger)
    await ensureSchema(made, { location, migrates: true, llmrVersion: '1', logger: silentLogger })
    return made
  }

  afterAll(async () => {
    await (await opened)?.close()
  })

  describeBus({ name, skip, open: async () => new TableBus((await database()).query) })

  describe.skipIf(skip !== undefined)(`the tables of the bus on ${name}`, () => {
    test('an event that is published within a transaction is there if and only if that is committed', async () => {
      const { query } = await database()
      const bus = new TableBus(query)
      const worker = await bus.consumer({ name: 'transactional', subjects: ['transactional'], ackWaitMs: 60_000 })
      const event = (id: string) => ({ id, subject: 'transactional', headers: {}, body: null })
      const failing = query.transaction().execute(async (transaction) => {
        await bus.publishWithin(transaction, [event('rolled back')])
        throw new Error('no turn')
      })
      await expect(failing).rejects.toThrow('no turn')
      await query.transaction().execute((transaction) => bus.publishWithin(transaction, [event('committed')]))
      const deliveries = await worker.fetch({ most: 10, waitMs: 20_000 })
      expect(deliveries.map((delivery) => delivery.event.id)).toEqual(['committed'])
    })

    test('an event is taken away when it is old and every consumer has settled it, not before', async () => {
      const { query } = await database()
      const bus = new TableBus(query)
      const worker = await bus.consumer({ name: 'old', subjects: ['old'], ackWaitMs: 60_000 })
      await bus.publish(
        ['settled', 'unsettled', 'young'].map((id) => ({ id, subject: 'old', headers: {}, body: null })),
      )
      const deliveries = await worker.fetch({ most: 10, waitMs: 20_000 })
      await worker.done(deliveries.filter((delivery) => delivery.event.id !== 'unsettled'))
      await sql`update llmr.bus_event set published_at = now() - interval '4 days'
        where id in ('settled', 'unsettled')`.execute(query)
      expect(await bus.removeExpired(10)).toBe(1)
      const { rows } = await sql`select id from llmr.bus_event where subject = 'old' order by number`.execute(query)
      expect(rows).toEqual([{ id: 'unsettled' }, { id: 'young' }])
    })

    test('nothing is kept for ever for a worker that does not come, nor what was put aside', async () => {
      const { query } = await database()
      const bus = new TableBus(query)
      const worker = await bus.consumer({ name: 'away', subjects: ['away'], ackWaitMs: 60_000 })
      await bus.publish(['done', 'buried', 'undone'].map((id) => ({ id, subject: 'away', headers: {}, body: null })))
      const deliveries = await worker.fetch({ most: 10, waitMs: 20_000 })
      const [buried] = deliveries.filter(({ event }) => event.id === 'buried')
      await worker.bury(buried!, 'never')
      await worker.done(deliveries.filter(({ event }) => event.id === 'done'))
      await sql`update llmr.bus_event set published_at = now() - interval '31 days' where subject = 'away'`.execute(
        query,
      )
      await sql`update llmr.dead_letter set buried_at = now() - interval '29 days' where subject = 'away'`.execute(
        query,
      )
      await bus.removeExpired(10)
      const left = async () => ({
        events: (await sql`select from llmr.bus_event where subject = 'away'`.execute(query)).rows.length,
        waiting: (await worker.backlog()).waiting + (await worker.backlog()).lent,
        buried: (await bus.deadLetters(10)).filter(({ consumer }) => consumer === 'away').length,
      })
      expect(await left()).toEqual({ events: 0, waiting: 0, buried: 1 })
      await new TableBus(query, { settledMs: 1, undoneMs: 1, deadLettersMs: 86_400_000 }).removeExpired(10)
      expect(await left()).toMatchObject({ buried: 0 })
    })
  })
}
