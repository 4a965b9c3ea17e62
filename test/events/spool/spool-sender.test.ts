import { expect, test } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { Spool } from '../../../src/events/spool/spool.ts'
import { SpoolSender } from '../../../src/events/spool/spool-sender.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function setUp(options: Partial<ConstructorParameters<typeof SpoolSender>[0]> = {}) {
  const folder = temporaryFolder()
  const spool = new Spool({ folder, bytesMax: 1024 * 1024, runName: 'a' })
  const bus = new MemoryBus()
  const sender = new SpoolSender({
    spool,
    bus: () => bus.asBus(),
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
  const add = (...ids: string[]): void => {
    for (const id of ids) spool.append({ id, subject: 's', headers: {}, body: null }, 'must')
    sender.wake()
  }
  const leftOver = async (): Promise<readonly string[]> => {
    await sender.close()
    spool.close()
    const next = new Spool({ folder, bytesMax: 1024 * 1024, runName: 'b' })
    return (await next.read(next.take(Infinity))).map(({ id }) => id)
  }
  return { bus, add, leftOver, sender }
}

test('events reach the bus in their order, and nothing is left of them', async () => {
  const { bus, add, leftOver } = setUp()
  add('1', '2')
  await bus.until(({ events }) => events.length === 2)
  add('3')
  await bus.until(({ events }) => events.length === 3)
  expect(bus.events.map(({ id }) => id)).toEqual(['1', '2', '3'])
  expect(await leftOver()).toEqual([])
})

test('what the bus does not take is offered again, and the rest waits behind it', async () => {
  const { bus, add, leftOver, sender } = setUp()
  bus.mode = 'fails'
  add('1')
  await bus.until(({ attempts }) => attempts === 1)
  add('2')
  bus.mode = 'takes'
  await bus.until(({ events }) => events.length === 2)
  expect(bus.events.map(({ id }) => id)).toEqual(['1', '2'])
  expect(await leftOver()).toEqual([])
  expect(sender.counts).toEqual({ published: 2, refused: 0 })
})

test('what was not sent when the process ends is there for the next one', async () => {
  const { bus, add, leftOver } = setUp()
  bus.mode = 'fails'
  add('1', '2')
  await bus.until(({ attempts }) => attempts === 1)
  expect(await leftOver()).toEqual(['1', '2'])
})

test('what is published and not confirmed is kept: a broker may lose what it has taken (N3.3)', async () => {
  const asked = Promise.withResolvers<void>()
  const { bus, add, leftOver } = setUp({
    confirm: (events) => {
      asked.resolve()
      return Promise.resolve(events.filter(({ id }) => id === '1'))
    },
  })
  add('1', '2')
  await bus.until(({ events }) => events.length === 2)
  await asked.promise
  // A file goes as a whole: the settled one is in it still, and comes again, which does no harm.
  expect(await leftOver()).toContain('2')
})

test('an event that nobody could work on for too long is let go and counted, and the others go on', async () => {
  const giveUp = { afterMs: 1_000, now: () => 10_000 }
  const folder = temporaryFolder()
  const spool = new Spool({ folder, bytesMax: 1024 * 1024, runName: 'a' })
  const bus = new MemoryBus()
  bus.mode = 'fails'
  const told: unknown[] = []
  const logger = { ...silentLogger, error: (fields: object) => void told.push(fields) }
  const born = (ms: number) => ({ 'ce-time': new Date(ms).toISOString() })
  const headers = [born(8_999), born(9_001), {}]
  headers.forEach((given, index) => {
    spool.append({ id: String(index), subject: 's', headers: given, body: null }, 'must')
  })
  const sender = new SpoolSender({ spool, bus: () => bus.asBus(), giveUp, clock: systemClock, logger })
  await bus.until(({ attempts }) => attempts === 1)
  expect(sender.counts.refused).toBe(0)
  bus.mode = 'takes'
  await bus.until(({ events }) => events.length === 2)
  await sender.close()
  expect(bus.events.map(({ id }) => id)).toEqual(['1', '2'])
  expect(sender.counts).toEqual({ published: 2, refused: 1 })
  expect(told).toEqual([{ events: 1 }])
  expect(spool.waiting).toBe(0)
})
