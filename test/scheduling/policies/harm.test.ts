import { expect, test } from 'vitest'

import { batchMs, drainMs } from '../../../src/scheduling/policies/expected-times.ts'
import { awayMs, harmTo, isWorthDraining } from '../../../src/scheduling/policies/harm.ts'
import { modelNamed } from '../driven-scheduler.ts'
import { residentModel, waitingModel } from './views.ts'

test('three services without a memory end after 1 + 1/2 + 1/3 of their mean', () => {
  expect(drainMs({ serviceMs: 6_000, running: 3 })).toBeCloseTo(11_000)
  expect(drainMs({ serviceMs: 6_000, running: 0 })).toBe(0)
})

test('a batch takes as many rounds as its slots need', () => {
  const batch = waitingModel('T', { queued: 5, serviceMs: 1_000, model: modelNamed('T', { slots: 2 }) })
  expect(batchMs(batch)).toBe(3_000)
})

test('a victim is away for its drain, its stop, the other’s load, batch and stop, and its own load', () => {
  const target = waitingModel('T', { loadMs: 4_000, stopMs: 500, serviceMs: 1_000 })
  const victim = residentModel('A', { running: 1, serviceMs: 2_000, stopMs: 300, loadMs: 7_000 })
  expect(awayMs(target, [victim])(victim)).toBe(2_000 + 300 + 4_000 + 1_000 + 500 + 7_000)
})

test('harm is the waiting of those queued and of those to be expected meanwhile', () => {
  const victim = residentModel('A', { queuedWeight: 2, weightedRate: 0.001, evictCost: 3 })
  expect(harmTo(victim, 10_000)).toBe(3 * (2 * 10_000 + (0.001 * 10_000 ** 2) / 2))
})

test('a model that never falls idle by itself is worth draining, one that seldom works is not', () => {
  const target = waitingModel('T', { queuedWeight: 3 })
  const steady = residentModel('A', { running: 1, rate: 0.000_8, weightedRate: 0.000_8, serviceMs: 3_000 })
  expect(isWorthDraining(target, steady, 20_000)).toBe(true)
  expect(isWorthDraining(target, { ...steady, rate: 0.000_1, weightedRate: 0.000_1 }, 20_000)).toBe(false)
})
