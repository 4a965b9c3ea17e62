import { expect, test } from 'vitest'

import type { ConsumerStanding, Delivery } from '../../../src/core/bus.ts'
import { uuidv7 } from '../../../src/core/identifier.ts'
import { type TailedEvent, tailEvents } from '../../../src/gateway/operating/tail-events.ts'

const hourMs = 3_600_000

function delivery(id: string): Delivery {
  return { event: { id, subject: 's', headers: {}, body: { said: 'words' } }, attempt: 1, publishedAtMs: 0 }
}

/** A bus that lends what is given, once. */
function busWith({ deliveries = [], standings = [] }: { deliveries?: Delivery[]; standings?: ConsumerStanding[] }) {
  const made: string[] = []
  const removed: string[] = []
  const done: string[] = []
  const unused = () => Promise.reject(new Error('not asked for this'))
  const bus = {
    consumers: () => Promise.resolve(standings),
    consumer: ({ name }: { readonly name: string }) => {
      made.push(name)
      return Promise.resolve({
        fetch: () => Promise.resolve(deliveries.splice(0)),
        done: (settled: readonly Delivery[]) => {
          done.push(...settled.map(({ event }) => event.id))
          return Promise.resolve()
        },
        working: unused,
        release: unused,
        bury: unused,
        backlog: unused,
      })
    },
    removeConsumer: (name: string) => {
      removed.push(name)
      return Promise.resolve()
    },
  }
  return { bus, made, removed, done }
}

const once = { subject: 's', once: true, withContent: false, signal: new AbortController().signal }

test('whoever looks on takes its consumer away at the end, also when what it shows cannot be written', async () => {
  const fine = busWith({ deliveries: [delivery('a'), delivery('b')] })
  const shown: TailedEvent[] = []
  await tailEvents({ ...once, bus: fine.bus, write: (event) => void shown.push(event) })
  expect(shown.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(shown.some((event) => 'body' in event)).toBe(false)
  expect(fine.done).toEqual(['a', 'b'])
  expect(fine.removed).toEqual(fine.made)

  const broken = busWith({ deliveries: [delivery('a')] })
  const write = () => Promise.reject(new Error('a closed pipe'))
  await expect(tailEvents({ ...once, bus: broken.bus, write })).rejects.toThrow('a closed pipe')
  expect(broken.removed).toEqual(broken.made)
})

test('what may not be seen is settled and not shown', async () => {
  const { bus, done } = busWith({ deliveries: [delivery('mine'), delivery('theirs')] })
  const shown: string[] = []
  await tailEvents({ ...once, bus, isShown: ({ id }) => id === 'mine', write: ({ id }) => void shown.push(id) })
  expect(shown).toEqual(['mine'])
  expect(done).toEqual(['mine', 'theirs'])
})

test('one who looked on and was killed is taken away after an hour; one who still does, and workers, are left', async () => {
  const named = (agoMs: number) => `tail-${uuidv7(Date.now() - agoMs).replaceAll('-', '')}`
  const standing = (name: string, oldestMs: number): ConsumerStanding => ({
    name,
    backlog: { waiting: 1, lent: 0, oldestMs },
  })
  const killed = named(2 * hourMs)
  const { bus, made, removed } = busWith({
    standings: [
      standing(killed, 2 * hourMs),
      standing(named(2 * hourMs), 1_000),
      standing(named(1_000), 70 * hourMs),
      standing('persist', 70 * hourMs),
    ],
  })
  await tailEvents({ ...once, bus, write: () => undefined })
  expect(removed).toEqual([killed, ...made])
})
