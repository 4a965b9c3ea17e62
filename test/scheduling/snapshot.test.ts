import { expect, test } from 'vitest'

import { DrivenScheduler, modelNamed } from './driven-scheduler.ts'

test('everyone who waits has a position within his model and a time to expect', () => {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B', { bytes: 4 })]).load('A')
  house.arrive('a1', 'A')
  for (const id of ['a2', 'a3']) house.arrive(id, 'A', { principal: id })
  house.arrive('b1', 'B', { lane: 'background' })
  house.nowMs += 1_500
  const { queue } = house.scheduler.snapshot(house.nowMs)
  expect(queue.map(({ requestId, position, waitedMs }) => [requestId, position, waitedMs])).toEqual([
    ['a2', 1, 1_500],
    ['a3', 2, 1_500],
    ['b1', 1, 1_500],
  ])
  expect(queue[1]?.withinMs).toBeGreaterThan(queue[0]?.withinMs ?? Infinity)
  expect(queue[2]).toMatchObject({ model: 'B', lane: 'background', principal: 'someone', isOverdue: false })
  expect(house.scheduler.waiter('a3', house.nowMs)).toEqual(queue[1])
  expect(house.scheduler.waiter('a1', house.nowMs)).toBeUndefined()
})

test('one model can be asked for alone', () => {
  const house = new DrivenScheduler([modelNamed('A')]).load('A')
  expect(house.scheduler.model('A', 5)).toEqual(house.scheduler.snapshot(5).models[0])
  expect(house.scheduler.model('Z', 5)).toBeUndefined()
})

test('a swap under way tells its target, its victims and its reason', () => {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B')], { maxWaitMs: 0 }).load('A')
  house.arrive('a1', 'A')
  house.arrive('b1', 'B')
  house.nowMs += 700
  const { swaps, models } = house.scheduler.snapshot(house.nowMs)
  expect(swaps).toEqual([
    { target: 'B', evict: ['A'], sinceMs: 700, isForced: true, because: 'its oldest request has waited 0.0 s' },
  ])
  expect(models[0]).toMatchObject({
    name: 'A',
    phase: 'closing',
    running: 1,
    closingBecause: expect.stringContaining('B'),
  })
})

test('memory that is being loaded or given back counts as used', () => {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B', { bytes: 3 })]).load('A')
  house.arrive('b1', 'B')
  house.tell({ type: 'unload', model: 'A', waiting: 'keep' })
  expect(house.phase('A')).toBe('stopping')
  expect(house.phase('B')).toBe('loading')
  expect(house.scheduler.snapshot(0).pools).toEqual([{ name: 'gpu', sizeBytes: 24, usedBytes: 19 }])
})

test('a resident model tells how long it has been there and idle', () => {
  const house = new DrivenScheduler([modelNamed('A')]).load('A')
  house.nowMs = 2_000
  house.arrive('r1', 'A')
  house.nowMs = 5_000
  expect(house.standing('A')).toMatchObject({ residentMs: 5_000, running: 1 })
  expect(house.standing('A')).not.toHaveProperty('idleMs')
  house.finish('r1')
  house.nowMs = 6_000
  expect(house.standing('A')).toMatchObject({ residentMs: 6_000, idleMs: 1_000, meanServiceMs: 3_000 })
})

test('files worth reading ahead: what comes next, then who waits longest, else the likeliest', () => {
  const names = ['A', 'B', 'C', 'D']
  const house = new DrivenScheduler(
    names.map((name) => modelNamed(name)),
    { maxWaitMs: 5_000 },
  ).load('A')
  house.arrive('a1', 'A')
  house.arrive('b1', 'B')
  house.nowMs += 1
  house.arrive('c1', 'C')
  house.nowMs += 1
  expect(house.prefetchList).toEqual(['B', 'C'])
  house.arrive('d1', 'D')
  house.pass(5_000)
  expect(house.prefetchList).toEqual(['B', 'C', 'D'])
  for (const requestId of ['b1', 'c1', 'd1']) house.tell({ type: 'cancel', requestId })
  expect(house.prefetchList.toSorted()).toEqual(['B', 'C', 'D'])
})
