import { expect, test } from 'vitest'

import { DrivenScheduler, modelNamed } from '../driven-scheduler.ts'

test('a model must fit in every pool it needs', () => {
  const pools = { gpu0: 10, ram: 10 }
  const inRam = modelNamed('ram', { sizeBytes: { ram: 8 } })
  const inBoth = modelNamed('both', { sizeBytes: { gpu0: 4, ram: 4 } })
  const inGpu = modelNamed('gpu', { sizeBytes: { gpu0: 6 } })
  const house = new DrivenScheduler([inRam, inBoth, inGpu], { pools }).load('ram')
  expect(house.arrive('r1', 'gpu')).toEqual(['start gpu'])
  house.loaded('gpu')
  expect(house.arrive('r2', 'both')).not.toContain('start both')
})

test('only what holds memory of the pool in need is put out', () => {
  const pools = { gpu0: 10, gpu1: 10 }
  const models = [
    modelNamed('x', { sizeBytes: { gpu0: 8 } }),
    modelNamed('y', { sizeBytes: { gpu1: 8 } }),
    modelNamed('z', { sizeBytes: { gpu1: 6 } }),
  ]
  const house = new DrivenScheduler(models, { pools, maxWaitMs: 0 }).load('x').load('y')
  expect(house.arrive('r', 'z')).toEqual(['stop y'])
})

test('a pool that is not configured has nothing', () => {
  const house = new DrivenScheduler([modelNamed('x', { sizeBytes: { gpu7: 1 } })], { pools: { gpu0: 10 } })
  expect(house.arrive('r', 'x')).toEqual(['refuse r'])
})

test('a model that needs no memory always fits', () => {
  const house = new DrivenScheduler([modelNamed('x', { sizeBytes: {} })], { pools: {} })
  expect(house.arrive('r', 'x')).toEqual(['start x'])
})
