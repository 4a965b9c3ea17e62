import { expect, test } from 'vitest'

import type { Delivery } from '../../src/core/bus.ts'
import { sortDeliveries } from '../../src/events/sort-deliveries.ts'

const nowMs = 10_000_000

function deliveryOf(id: string, changes: Partial<Delivery> = {}): Delivery {
  return { event: { id, subject: 's', headers: {}, body: null }, attempt: 1, publishedAtMs: nowMs, ...changes }
}

function sorted(...deliveries: readonly Delivery[]) {
  const isForLater = ({ id }: { readonly id: string }): boolean => id.startsWith('later')
  const { passedOn, givenUp, groups } = sortDeliveries(deliveries, { isForLater }, nowMs)
  const idOf = ({ event }: Delivery): string => event.id
  return {
    passedOn: passedOn.map(idOf),
    givenUp: givenUp.map(({ delivery }) => delivery.event.id),
    groups: groups.map((group) => group.map(idOf)),
  }
}

test('what was lent again and again is tried last and alone: it may be what ends the process', () => {
  expect(sorted(deliveryOf('1', { attempt: 9 }), deliveryOf('2'), deliveryOf('3', { attempt: 5 }))).toEqual({
    passedOn: [],
    givenUp: [],
    groups: [['2', '3'], ['1']],
  })
})

test('what has ended the process every time it was tried is not tried for ever', () => {
  expect(sorted(deliveryOf('1', { attempt: 21 }), deliveryOf('2', { attempt: 20 }))).toEqual({
    passedOn: [],
    givenUp: ['1'],
    groups: [['2']],
  })
})

test('what only a later version knows is passed on, however often, and put aside when none has come for an hour', () => {
  const old = { publishedAtMs: nowMs - 3_600_000 }
  expect(
    sorted(deliveryOf('later', { attempt: 900 }), deliveryOf('later and old', old), deliveryOf('old', old)),
  ).toEqual({
    passedOn: ['later'],
    givenUp: ['later and old'],
    groups: [['old']],
  })
})
