import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Bus, BusEvent, Consumer, ConsumerOptions, Delivery } from '../../src/core/bus.ts'

/** A driver of the bus: buses that it opens share their events, as several processes would. */
export interface BusDriver {
  readonly name: string
  /** Why it cannot be tried. */
  readonly skip: string | undefined
  readonly open: () => Promise<Bus>
}

/** Long enough that nothing is lent again while a test looks at it. */
const longMs = 60_000

/** For what must come: ends as soon as it is there. */
const patientMs = 20_000

/** What every driver of the bus promises. */
export function describeBus({ name, skip, open }: BusDriver): void {
  describe.skipIf(skip !== undefined)(`the bus on ${name}`, () => {
    let bus: Bus
    let tests = 0
    let topic = ''

    // Tests share one bus, and know nothing of each other because their subjects differ.
    beforeAll(async () => {
      bus = await open()
    })
    beforeEach(() => {
      tests += 1
      topic = `pipeline.knowledge.test.${name}.t${tests}`
    })

    const event = (id: string | number, changes: Partial<BusEvent> = {}): BusEvent => ({
      id: `${topic}/${id}`,
      subject: `${topic}.chat.persist`,
      headers: { 'x-correlation-id': 'c1' },
      body: { id },
      ...changes,
    })
    const consumer = (changes: Partial<ConsumerOptions> = {}, on = bus): Promise<Consumer> =>
      on.consumer({ name: `${topic}.worker`, subjects: [`${topic}.>`], ackWaitMs: longMs, ...changes })
    const fetchNow = (from: Consumer) => from.fetch({ most: 100, waitMs: 0 })
    const fetchSome = (from: Consumer) => from.fetch({ most: 100, waitMs: patientMs })
    const ids = (deliveries: readonly Delivery[]) => deliveries.map(({ event: { id } }) => id.slice(topic.length + 1))

    test('an event comes whole to every consumer it is meant for, and never again once it is done', async () => {
      const all = await consumer({ name: `${topic}.all` })
      const one = await consumer({ name: `${topic}.one`, subjects: [`${topic}.chat.persist`] })
      const other = await consumer({ name: `${topic}.other`, subjects: [`${topic}.chat`, `${topic}.chat.persi`] })
      await bus.publish([event(1), event(2, { subject: `${topic}.chat.embedding` })])
      const deliveries = await fetchSome(all)
      expect(deliveries.map((delivery) => [delivery.event, delivery.attempt])).toEqual([
        [event(1), 1],
        [event(2, { subject: `${topic}.chat.embedding` }), 1],
      ])
      expect(ids(await fetchSome(one))).toEqual(['1'])
      expect(await fetchNow(other)).toEqual([])
      expect(await fetchNow(all)).toEqual([])
      await all.done(deliveries)
      expect(await all.backlog()).toEqual({ waiting: 0, lent: 0 })
    })

    test('headers and bodies come as they went, whatever JSON can hold', async () => {
      const worker = await consumer()
      const bodies = [...fc.sample(fc.jsonValue(), 40), '\u0000', ['\ud800'], { '\u0000': null }]
      const events = bodies.map((body, n) => event(n, { body, headers: { note: 'ü"\\\u0000' } }))
      await bus.publish(events)
      const received = (await fetchSome(worker)).map((delivery) => delivery.event)
      expect(received).toEqual(
        structuredClone(events.map((one) => ({ ...one, body: JSON.parse(JSON.stringify(one.body)) }))),
      )
    })

    test('an id counts once, whether it is published again or twice at once', async () => {
      const worker = await consumer()
      await bus.publish([event(1), event(1), event(2)])
      await bus.publish([event(2), event(3)])
      expect(ids(await fetchSome(worker))).toEqual(['1', '2', '3'])
    })

    test('too many at once are refused, and none is published', async () => {
      const worker = await consumer()
      const events = Array.from({ length: 1_001 }, (_, n) => event(n))
      await expect(bus.publish(events)).rejects.toThrow('expected at most 1000 events at once, got 1001')
      expect(await fetchNow(worker)).toEqual([])
    })

    test('a consumer gets what was published before it was made', async () => {
      await bus.publish([event(1), event(2)])
      expect(ids(await fetchSome(await consumer()))).toEqual(['1', '2'])
    })

    test('a consumer that is made while events are published misses none', async () => {
      const events = Array.from({ length: 60 }, (_, n) => event(n))
      const publishing = Promise.all(events.map((one) => bus.publish([one])))
      const worker = await consumer()
      await publishing
      const received: string[] = []
      while (received.length < events.length) {
        const deliveries = await fetchSome(worker)
        expect(deliveries.length, 'events that never came').toBeGreaterThan(0)
        received.push(...ids(deliveries))
        await worker.done(deliveries)
      }
      expect(new Set(received).size).toBe(events.length)
    })

    test('what is not settled in time is lent again, and the count of attempts says so', async () => {
      const hasty = await consumer({ ackWaitMs: 20 })
      await bus.publish([event(1)])
      expect((await fetchSome(hasty))[0]?.attempt).toBe(1)
      expect((await fetchSome(hasty))[0]?.attempt).toBe(2)
    })

    test('what is said to be worked on is not lent to others, however long it takes', async () => {
      const slow = await consumer({ ackWaitMs: 1_500 })
      const other = await consumer({ ackWaitMs: 1_500 })
      await bus.publish([event(1)])
      const deliveries = await fetchSome(slow)
      const looking = other.fetch({ most: 1, waitMs: 2_500 })
      const step = () => Promise.race([looking, slow.working(deliveries).then(() => 'held')])
      while ((await step()) === 'held');
      expect(await looking).toEqual([])
    })

    test('what is released is lent again, not before its time', async () => {
      const worker = await consumer()
      await bus.publish([event(1), event(2)])
      const [first, second] = await fetchSome(worker)
      await worker.release([second!], longMs)
      await worker.release([first!], 0)
      const again = await fetchSome(worker)
      expect(ids(again)).toEqual(['1'])
      expect(again[0]?.attempt).toBe(2)
      expect(await worker.backlog()).toMatchObject({ waiting: 0, lent: 2 })
    })

    test('work that was done counts even when it comes late; a late release or burial does not disturb who has it now', async () => {
      const late = await consumer({ ackWaitMs: 2_500 })
      const now = await consumer({ ackWaitMs: 2_500 })
      await bus.publish([event(1)])
      const [was] = await fetchSome(late)
      const [is] = await fetchSome(now)
      expect(is?.attempt).toBe(2)
      await late.release([was!], 0)
      await late.bury(was!, 'too late')
      expect(await fetchNow(now)).toEqual([])
      expect(await now.backlog()).toMatchObject({ waiting: 0, lent: 1 })
      await late.done([was!])
      expect(await now.backlog()).toEqual({ waiting: 0, lent: 0 })
      await now.done([is!])
    })

    test('consumers of one name share the work: each event goes to one of them', async () => {
      const workers = await Promise.all([1, 2, 3, 4].map(() => consumer()))
      const count = 200
      await bus.publish(Array.from({ length: count }, (_, n) => event(n)))
      const received: string[] = []
      await Promise.all(
        workers.map(async (worker) => {
          while (received.length < count) {
            const deliveries = await worker.fetch({ most: 7, waitMs: 0 })
            received.push(...ids(deliveries))
            await worker.done(deliveries)
          }
        }),
      )
      expect(received.length).toBe(count)
      expect(new Set(received).size).toBe(count)
    })

    test('what can never be done is put aside whole with its reason, for one consumer alone, and can be driven again', async () => {
      const worker = await consumer()
      const other = await consumer({ name: `${topic}.other` })
      await bus.publish([event('poison'), event(2)])
      const [poison, fine] = await fetchSome(worker)
      await worker.done([fine!])
      await worker.bury(poison!, 'no such table \u0000')
      expect(await worker.backlog()).toEqual({ waiting: 0, lent: 0 })
      expect(ids(await fetchSome(other))).toEqual(['poison', '2'])
      const letter = (await bus.deadLetters(1_000)).find((one) => one.consumer === `${topic}.worker`)
      expect(letter).toMatchObject({
        event: event('poison'),
        reason: expect.stringContaining('no such table'),
        attempts: 1,
      })
      expect(await bus.redrive(letter!.id)).toBe(true)
      expect(ids(await fetchSome(worker))).toEqual(['poison'])
      expect(await fetchNow(other)).toEqual([])
      expect(await bus.redrive(letter!.id)).toBe(false)
      expect(await bus.redrive('none')).toBe(false)
    })

    test('a fetch that waits ends with the first event, with its signal, or with its time', async () => {
      const worker = await consumer()
      const waiting = worker.fetch({ most: 10, waitMs: patientMs })
      await bus.publish([event(1)])
      expect(ids(await waiting)).toEqual(['1'])
      const stop = new AbortController()
      const stopped = worker.fetch({ most: 10, waitMs: patientMs, signal: stop.signal })
      stop.abort()
      expect(await stopped).toEqual([])
      expect(await worker.fetch({ most: 10, waitMs: patientMs, signal: stop.signal })).toEqual([])
      expect(await worker.fetch({ most: 10, waitMs: 1 })).toEqual([])
    })

    test('another process sees what this one published, and goes on where it ended', async () => {
      const worker = await consumer({ ackWaitMs: 20 })
      await bus.publish([event(1), event(2)])
      const [first] = await fetchSome(worker)
      await worker.done([first!])
      // The rest is not settled: this process might as well be dead.
      const other = await open()
      const heir = await consumer({ ackWaitMs: 20 }, other)
      expect(ids(await fetchSome(heir))).toEqual(['2'])
    })

    test('the backlog says how much waits, how much is lent, and how old the oldest is', async () => {
      const worker = await consumer()
      expect(await worker.backlog()).toEqual({ waiting: 0, lent: 0 })
      await bus.publish([event(1), event(2), event(3)])
      await worker.fetch({ most: 1, waitMs: patientMs })
      expect(await worker.backlog()).toEqual({ waiting: 2, lent: 1, oldestMs: expect.any(Number) })
    })

    test('every consumer is listed with what it has before it', async () => {
      await consumer()
      await bus.publish([event(1)])
      const listed = (await bus.consumers()).find(({ name: one }) => one === `${topic}.worker`)
      expect(listed?.backlog).toEqual({ waiting: 1, lent: 0, oldestMs: expect.any(Number) })
    })

    test('a consumer that is removed leaves nothing behind, and is new when it comes back', async () => {
      const worker = await consumer()
      await bus.publish([event(1)])
      await worker.done(await fetchSome(worker))
      await bus.publish([event(2)])
      await bus.removeConsumer(`${topic}.worker`)
      expect(await fetchNow(worker).catch(() => [])).toEqual([])
      expect(ids(await fetchSome(await consumer()))).toEqual(['1', '2'])
    })

    test('what is in hand when its consumer is removed can be settled in every way, and holds up nobody', async () => {
      const worker = await consumer()
      await bus.publish([event(1), event(2), event(3), event(4)])
      const [one, two, three, four] = await fetchSome(worker)
      await bus.removeConsumer(`${topic}.worker`)
      await worker.working([one!])
      await worker.done([one!, two!])
      await worker.release([three!], 0)
      await worker.bury(four!, 'too late')
    })

    test('a consumer that is asked for with other subjects has both: a later version shares its name', async () => {
      await consumer({ subjects: [`${topic}.chat.persist`] })
      const later = await consumer({ subjects: [`${topic}.chat.persist`, `${topic}.chat.later`] })
      const earlier = await consumer({ subjects: [`${topic}.chat.persist`] })
      await bus.publish([event(1), event(2, { subject: `${topic}.chat.later` })])
      expect(ids(await fetchSome(earlier))).toEqual(['1', '2'])
      expect(await fetchNow(later)).toEqual([])
    })

    test('a fetch ends when its consumer is removed, and the next one finds it again', async () => {
      const worker = await consumer()
      const waiting = worker.fetch({ most: 1, waitMs: 3_000 }).catch(() => [])
      await bus.removeConsumer(`${topic}.worker`)
      expect(await waiting).toEqual([])
      await bus.publish([event(1)])
      expect(ids(await fetchSome(await consumer()))).toEqual(['1'])
    })

    test('a huge event comes whole, and one that is too huge is refused alone', async () => {
      const worker = await consumer()
      const body = 'ü'.repeat(380_000)
      await bus.publish([event(1, { body })])
      expect((await fetchSome(worker)).map((delivery) => delivery.event.body === body)).toEqual([true])
      // Whether there is a limit is the driver's business; that it is met before anything is sent is not.
      const outcome = await bus.publish([event(2, { body: 'x'.repeat(20_000_000) })]).catch((error: unknown) => error)
      if (outcome !== undefined) expect(outcome).toBeInstanceOf(RangeError)
      await bus.publish([event(3)])
      expect(ids(await fetchSome(worker))).toContain('3')
    })

    test('more than one fetch can carry waits its turn, and every event of it comes once', async () => {
      const worker = await consumer()
      for (let page = 0; page < 3; page++) {
        await bus.publish(Array.from({ length: 1_000 }, (_, n) => event(`${page}-${n}`)))
      }
      const received: string[] = []
      for (;;) {
        const deliveries = await worker.fetch({ most: 700, waitMs: 0 })
        if (deliveries.length === 0) break
        expect(deliveries.length).toBeLessThanOrEqual(700)
        received.push(...ids(deliveries))
        await worker.done(deliveries)
      }
      expect(received.length).toBe(3_000)
      expect(new Set(received).size).toBe(3_000)
      expect(await worker.backlog()).toEqual({ waiting: 0, lent: 0 })
    })

    test('a clock that is ten minutes off changes nothing: neither what is lent, nor how old the oldest is said to be', async () => {
      for (const skewMs of [-600_000, 600_000]) {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewMs })
        try {
          const worker = await consumer({ name: `${topic}.skewed${skewMs}` })
          await bus.publish([event(`1${skewMs}`), event(`2${skewMs}`)])
          const deliveries = await fetchSome(worker)
          await worker.working(deliveries)
          expect(await fetchNow(worker)).toEqual([])
          const { oldestMs = -1 } = await worker.backlog()
          expect(oldestMs).toBeGreaterThanOrEqual(0)
          expect(oldestMs).toBeLessThan(600_000)
          await worker.done(deliveries)
          expect(await worker.backlog()).toEqual({ waiting: 0, lent: 0 })
        } finally {
          vi.useRealTimers()
        }
      }
    })
  })
}
