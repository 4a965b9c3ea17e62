import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { FairQueue } from '../../../src/scheduling/queue/fair-queue.ts'
import { waiterOf } from './waiters.ts'

function takeNext(queue: FairQueue, workMs = 1_000): string {
  const next = queue.next()
  if (next === undefined) return '-'
  queue.take(next, workMs)
  return next.principal
}

test('each principal’s requests keep their order, whatever they cost', () => {
  const request = fc.record({ principal: fc.constantFrom('p', 'q', 'r'), workMs: fc.integer({ min: 0, max: 9_999 }) })
  fc.assert(
    fc.property(fc.array(request), (requests) => {
      const queue = new FairQueue()
      for (const [sequence, { principal }] of requests.entries()) queue.add(waiterOf(sequence, { principal }))
      const last = new Map<string, number>()
      for (const { workMs } of requests) {
        const next = queue.next()
        expect(next!.sequence).toBeGreaterThan(last.get(next!.principal) ?? -1)
        last.set(next!.principal, next!.sequence)
        queue.take(next!, workMs)
      }
      expect(queue.length).toBe(0)
      expect(queue.next()).toBeUndefined()
    }),
  )
})

test('a principal that floods the queue delays another by one request', () => {
  const queue = new FairQueue()
  for (let sequence = 0; sequence < 50; sequence += 1) queue.add(waiterOf(sequence, { principal: 'flood' }))
  for (let turn = 0; turn < 10; turn += 1) takeNext(queue)
  queue.add(waiterOf(50, { principal: 'late' }))
  expect([takeNext(queue), takeNext(queue)]).toContain('late')
})

test('turns are by work, not by count: long requests are charged as long', () => {
  const queue = new FairQueue()
  for (let sequence = 0; sequence < 40; sequence += 1) {
    queue.add(waiterOf(sequence, { principal: sequence % 2 === 0 ? 'long' : 'short' }))
  }
  const turns = Array.from({ length: 16 }, () => takeNext(queue, queue.next()?.principal === 'long' ? 3_000 : 1_000))
  expect(turns.filter((principal) => principal === 'short')).toHaveLength(12)
})

test('work that was guessed is put right when it is known', () => {
  const queue = new FairQueue()
  for (let sequence = 0; sequence < 20; sequence += 1) {
    queue.add(waiterOf(sequence, { principal: sequence % 2 === 0 ? 'p' : 'q' }))
  }
  expect(takeNext(queue)).toBe('p')
  queue.correct({ principal: 'p', weight: 1, byMs: 3_000 })
  expect([takeNext(queue), takeNext(queue), takeNext(queue), takeNext(queue)]).toEqual(['q', 'q', 'q', 'q'])
})

test('a principal of weight three has three turns for one', () => {
  const queue = new FairQueue()
  for (let sequence = 0; sequence < 40; sequence += 1) {
    const isHeavy = sequence % 2 === 0
    queue.add(waiterOf(sequence, { principal: isHeavy ? 'heavy' : 'light', weight: isHeavy ? 3 : 1 }))
  }
  const turns = Array.from({ length: 20 }, () => takeNext(queue))
  expect(turns.filter((principal) => principal === 'heavy')).toHaveLength(15)
})

test('who was away earns no credit for it', () => {
  const queue = new FairQueue()
  for (let sequence = 0; sequence < 20; sequence += 1) queue.add(waiterOf(sequence, { principal: 'p' }))
  for (let turn = 0; turn < 10; turn += 1) takeNext(queue)
  for (let sequence = 20; sequence < 30; sequence += 1) queue.add(waiterOf(sequence, { principal: 'back' }))
  const turns = Array.from({ length: 10 }, () => takeNext(queue))
  expect(turns.filter((principal) => principal === 'back')).toHaveLength(5)
})

test('a waiter that leaves is gone, and nobody else with it', () => {
  const queue = new FairQueue()
  const [first, second] = [waiterOf(0), waiterOf(1)]
  queue.add(first)
  queue.add(second)
  queue.drop(first)
  queue.drop(first)
  expect([...queue]).toEqual([second])
  expect(queue.length).toBe(1)
})
