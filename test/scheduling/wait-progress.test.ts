import { expect, test } from 'vitest'

import { DrivenScheduler, modelNamed } from './driven-scheduler.ts'

function phaseOf(house: DrivenScheduler, requestId: string): string | undefined {
  return house.scheduler.progress(requestId, house.nowMs)?.phase
}

test('a wait is for memory, for room to be made, for the load, and then it is over', () => {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B')], { maxWaitMs: 5_000 }).load('A')
  for (const id of ['a1', 'a2', 'a3']) house.arrive(id, 'A', { principal: id })
  house.arrive('b1', 'B')
  expect(phaseOf(house, 'b1')).toBe('queued')
  house.pass(5_000)
  expect(phaseOf(house, 'b1')).toBe('making-room')
  house.tell({ type: 'finished', requestId: 'a1' })
  house.stopped('A')
  expect(phaseOf(house, 'b1')).toBe('loading')
  house.loaded('B')
  expect(phaseOf(house, 'b1')).toBeUndefined()
})

test('behind a model that works on all it can, the place in its line is told', () => {
  const house = new DrivenScheduler([modelNamed('A')]).load('A')
  for (const id of ['a1', 'a2', 'a3']) house.arrive(id, 'A', { principal: id })
  house.nowMs += 700
  expect(house.scheduler.progress('a3', house.nowMs)).toMatchObject({
    model: 'A',
    phase: 'busy',
    position: 2,
    waitedMs: 700,
  })
})

test('who does not wait has no progress', () => {
  const house = new DrivenScheduler([modelNamed('A')]).load('A')
  house.arrive('a1', 'A')
  expect(house.scheduler.progress('a1', house.nowMs)).toBeUndefined()
  expect(house.scheduler.progress('nobody', house.nowMs)).toBeUndefined()
})
