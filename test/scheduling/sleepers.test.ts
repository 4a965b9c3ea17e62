import { expect, test } from 'vitest'

import { DrivenScheduler, modelNamed } from './driven-scheduler.ts'

/** Each fills two thirds of the memory awake, and an eighth asleep. */
const sleeper = (name: string) =>
  modelNamed(name, {
    sizeBytes: { gpu: 16 },
    sleepingBytes: { gpu: 3 },
    expected: { loadMs: 60_000, wakeMs: 500, stopMs: 100, serviceMs: 100 },
  })
const large = modelNamed('Large', { sizeBytes: { gpu: 20 } })

function asleep(house: DrivenScheduler): readonly string[] {
  return house.scheduler.snapshot(house.nowMs).models.flatMap(({ name, isAsleep }) => (isAsleep ? name : []))
}

test('a model that sleeps is expected as soon as it wakes, and counts with what it holds', () => {
  const house = new DrivenScheduler([sleeper('A'), sleeper('B')]).load('A')
  house.arrive('b', 'B', { isLoadOnly: true })
  house.tell({ type: 'stopped', model: 'A', isAsleep: true })
  expect(house.standing('A')).toMatchObject({ phase: 'absent', isAsleep: true, expectedLoadMs: 500 })
  expect(house.scheduler.snapshot(0).pools).toEqual([{ name: 'gpu', sizeBytes: 24, usedBytes: 16 + 3 }])
})

test('what a wake takes is learned apart from what a load takes', () => {
  const house = new DrivenScheduler([sleeper('A'), sleeper('B')]).load('A')
  house.arrive('b', 'B', { isLoadOnly: true })
  house.tell({ type: 'stopped', model: 'A', isAsleep: true })
  house.loaded('B')
  house.arrive('a', 'A', { isLoadOnly: true })
  house.tell({ type: 'stopped', model: 'B', isAsleep: true })
  house.tell({ type: 'loaded', model: 'A', loadMs: 200 })
  // It is there: what counts is what it would take to have it back.
  expect(house.standing('A')).toMatchObject({ phase: 'ready', expectedLoadMs: 200 })
  house.tell({ type: 'crashed', model: 'A' })
  expect(house.standing('A')).toMatchObject({ phase: 'absent', expectedLoadMs: 1_000 })
})

test('who needs the memory of sleepers has as few ended as it takes, those unused longest first', () => {
  const house = new DrivenScheduler([sleeper('A'), sleeper('B'), large], { maxWaitMs: 0 })
  house.load('A')
  house.pass(1_000)
  house.arrive('b', 'B', { isLoadOnly: true })
  house.tell({ type: 'stopped', model: 'A', isAsleep: true })
  house.loaded('B')
  house.pass(1_000)
  expect(house.arrive('l', 'Large')).toEqual(['stop B'])
  expect(asleep(house)).toEqual(['A'])
  // 20 of 24 are wanted: the 3 of one sleeper fit beside that, those of two do not.
  expect(house.tell({ type: 'stopped', model: 'B', isAsleep: true })).toEqual(['stop A'])
  expect(house.effects.at(-1)).toMatchObject({ type: 'stop', model: 'A', isFinal: true })
  expect(house.stopped('A')).toEqual(['start Large'])
  expect(asleep(house)).toEqual(['B'])
})

test('one that is being ended is started afresh when that is done, and not before', () => {
  const house = new DrivenScheduler([sleeper('A'), modelNamed('Whole', { sizeBytes: { gpu: 24 } })], { maxWaitMs: 0 })
  house.load('A')
  expect(house.arrive('w', 'Whole')).toEqual(['stop A'])
  expect(house.tell({ type: 'stopped', model: 'A', isAsleep: true })).toEqual(['stop A'])
  house.tell({ type: 'cancel', requestId: 'w' })
  expect(house.arrive('a', 'A')).toEqual([])
  expect(house.stopped('A')).toEqual(['start A'])
})

test('an unload that comes while a model falls asleep has it ended all the same', () => {
  const house = new DrivenScheduler([sleeper('A'), sleeper('B')], { maxWaitMs: 0 }).load('A')
  expect(house.arrive('b', 'B')).toEqual(['stop A'])
  house.tell({ type: 'unload', model: 'A', waiting: 'keep' })
  const words = house.tell({ type: 'stopped', model: 'A', isAsleep: true })
  expect(words).toContain('stop A')
  expect(house.effects.find((effect) => effect.type === 'stop' && effect.isFinal === true)).toBeDefined()
})
