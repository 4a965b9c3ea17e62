import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { BusEvent, Delivery } from '../../src/core/bus.ts'
import { workBatch } from '../../src/events/work-batch.ts'

class Poisoned extends Error {}

function deliveryOf(id: number, attempt = 1): Delivery {
  return { event: { id: String(id), subject: 's', headers: {}, body: null }, attempt, publishedAtMs: 0 }
}

function definitionFor(poison: ReadonlySet<string>, calls: BusEvent[][]) {
  return {
    name: 'w',
    subjects: [],
    isDataError: (error: unknown) => error instanceof Poisoned,
    work: (events: readonly BusEvent[]) => {
      calls.push([...events])
      if (events.some(({ id }) => poison.has(id))) return Promise.reject(new Poisoned('bad'))
      return Promise.resolve()
    },
  }
}

test('events that are at fault are found, wherever they are and however many, and take nobody along', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ isPoison: fc.boolean(), attempt: fc.nat(8) }), { maxLength: 40 }),
      async (given) => {
        const deliveries = given.map(({ attempt }, id) => deliveryOf(id, attempt + 1))
        const poison = new Set(given.flatMap(({ isPoison }, id) => (isPoison ? [String(id)] : [])))
        const outcome = await workBatch(definitionFor(poison, []), deliveries)
        const ids = (list: readonly Delivery[]) => new Set(list.map(({ event }) => event.id))
        expect(ids(outcome.poison.map(({ delivery }) => delivery))).toEqual(poison)
        expect(ids(outcome.done)).toEqual(new Set(given.map((_, id) => String(id))).difference(poison))
      },
    ),
  )
})

test('one among many costs few attempts', async () => {
  const calls: BusEvent[][] = []
  const deliveries = Array.from({ length: 200 }, (_, id) => deliveryOf(id))
  await workBatch(definitionFor(new Set(['77']), calls), deliveries)
  expect(calls.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(200)) + 1)
})

test('what is not the fault of events is thrown', async () => {
  const definition = { ...definitionFor(new Set(), []), work: () => Promise.reject(new Error('no connection')) }
  await expect(workBatch(definition, [deliveryOf(1)])).rejects.toThrow('no connection')
})
