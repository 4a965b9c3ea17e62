import { expect, test } from 'vitest'

import { planForSwaps } from '../../../src/bench/swaps/choose-models.ts'
import { residencyOf, simulatedModel } from '../../support/simulated-profile.ts'

const plan = residencyOf(
  ['a', 'b', 'c'].map((name) => simulatedModel(name)),
  3,
)

test('models that would fit beside each other are swapped all the same', () => {
  const { scheduler } = planForSwaps(plan, ['a', 'b'])
  const [a, b] = scheduler.models
  if (a === undefined || b === undefined) throw new Error('two models were chosen')
  expect(scheduler.models).toHaveLength(2)
  expect(scheduler.constraint?.admits({ target: b, beside: [a] })).toBe(false)
  expect(scheduler.constraint?.admits({ target: b, beside: [] })).toBe(true)
})

test('what would keep a model in memory counts for nothing', () => {
  const models = plan.scheduler.models.map((model) => ({
    ...model,
    isPinned: true,
    minimumResidencyMs: 60_000,
    ttlMs: 1,
  }))
  const chosen = planForSwaps({ ...plan, preload: ['a'], scheduler: { ...plan.scheduler, models } }, [])
  expect(chosen.preload).toEqual([])
  for (const model of chosen.scheduler.models) {
    expect(model).toMatchObject({ isPinned: false, minimumResidencyMs: 0, ttlMs: undefined })
  }
})

test('fewer than two models are no swap, and the message says what there is', () => {
  expect(() => planForSwaps(plan, ['a'])).toThrow(/needs two models.* a, b, c/)
  expect(() => planForSwaps(undefined, [])).toThrow(/there is none.*profiles/)
})

test('a name that is no profile is told with those that are', () => {
  expect(() => planForSwaps(plan, ['a', 'd'])).toThrow(/no profile "d".*a, b, c/)
})
