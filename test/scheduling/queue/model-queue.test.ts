import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { ModelQueue } from '../../../src/scheduling/queue/model-queue.ts'
import type { Waiter } from '../../../src/scheduling/queue/waiter.ts'
import { waiterOf } from './waiters.ts'

function laneOfNext(queue: ModelQueue, nowMs: number): string {
  const next = queue.next({ nowMs, maxWaitMs: 1_000 })
  if (next === undefined) return '-'
  queue.take(next, 100)
  return next.lane
}

test('interactive requests go before background ones that came earlier', () => {
  const queue = new ModelQueue()
  queue.add(waiterOf(0, { lane: 'background' }))
  queue.add(waiterOf(1))
  expect(laneOfNext(queue, 10)).toBe('interactive')
  expect(laneOfNext(queue, 10)).toBe('background')
})

test('a background request that is overdue has every second turn: it does not starve', () => {
  const queue = new ModelQueue()
  for (let sequence = 0; sequence < 10; sequence += 1) {
    queue.add(waiterOf(sequence, { lane: sequence < 5 ? 'background' : 'interactive' }))
  }
  const turns = Array.from({ length: 6 }, () => laneOfNext(queue, 4_100))
  expect(turns.filter((lane) => lane === 'background')).toHaveLength(3)
})

test('background requests are overdue four times as late', () => {
  const queue = new ModelQueue()
  queue.add(waiterOf(0, { lane: 'background', arrivedAtMs: 0 }))
  expect(queue.dueAtMs(1_000)).toBe(4_000)
  queue.add(waiterOf(1, { arrivedAtMs: 500 }))
  expect(queue.dueAtMs(1_000)).toBe(1_500)
})

test('the sums kept are those of the waiters, whoever comes and goes in whatever order', () => {
  const anyWaiter = fc.record({
    lane: fc.constantFrom('interactive' as const, 'background' as const),
    principal: fc.constantFrom('p', 'q'),
    waitWeight: fc.constantFrom(0.25, 1, 4),
    arrivedAtMs: fc.integer({ min: 0, max: 1_000 }),
    deadlineMs: fc.integer({ min: 0, max: 5_000 }),
    isLoadOnly: fc.boolean(),
    goes: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(anyWaiter), (entries) => {
      const queue = new ModelQueue()
      const all = entries.map(({ goes, ...change }, sequence) => ({ goes, waiter: waiterOf(sequence, change) }))
      for (const { waiter } of all) queue.add(waiter)
      for (const { goes, waiter } of all) if (goes) queue.drop(waiter)
      const kept: readonly Waiter[] = all.filter(({ goes }) => !goes).map(({ waiter }) => waiter)
      const waited = kept.reduce((sum, { waitWeight, arrivedAtMs }) => sum + waitWeight * (2_000 - arrivedAtMs), 0)
      expect(queue.length).toBe(kept.length)
      expect(queue.waitedMs(2_000)).toBeCloseTo(waited, 6)
      expect(queue.weight).toBeCloseTo(
        kept.reduce((sum, { waitWeight }) => sum + waitWeight, 0),
        6,
      )
      expect(queue.loadOnly).toEqual(kept.filter(({ isLoadOnly }) => isLoadOnly))
      expect(new Set(queue.expired(2_500))).toEqual(new Set(kept.filter(({ deadlineMs }) => deadlineMs <= 2_500)))
    }),
  )
})
