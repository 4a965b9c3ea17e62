import { expect, test } from 'vitest'

import { modelGroups, repeatedMembers } from '../../../src/scheduling/constraints/groups.ts'
import type { ModelGroup } from '../../../src/scheduling/constraints/groups.ts'
import { DrivenScheduler, modelNamed } from '../driven-scheduler.ts'

const small = ['a1', 'a2', 'b1', 'free'].map((name) => modelNamed(name, { bytes: 4 }))

function houseWith(one: Partial<ModelGroup>, two: Partial<ModelGroup> = {}): DrivenScheduler {
  const plain = { swap: false, exclusive: false, persistent: false }
  const groups = [
    { name: 'one', members: ['a1', 'a2'], ...plain, ...one },
    { name: 'two', members: ['b1'], ...plain, ...two },
  ]
  return new DrivenScheduler(small, { constraint: modelGroups(groups), maxWaitMs: 0 })
}

test('a group that swaps has one member at a time', () => {
  expect(houseWith({ swap: true }).load('a1').arrive('r', 'a2')).toEqual(['stop a1'])
  expect(houseWith({ swap: false }).load('a1').arrive('r', 'a2')).toEqual(['start a2'])
})

test('starting a member of an exclusive group puts out the other groups, also what is in none', () => {
  expect(houseWith({ exclusive: true }).load('b1').load('free').arrive('r', 'a1')).toEqual(['stop b1', 'stop free'])
})

test('a member of a group that is not exclusive starts beside an exclusive one', () => {
  expect(houseWith({ exclusive: true }).load('a1').arrive('r', 'b1')).toEqual(['start b1'])
})

test('while an exclusive member is on its way, nothing starts that would keep it out', () => {
  const house = houseWith({ exclusive: true }).load('b1')
  house.arrive('r1', 'b1')
  house.arrive('r2', 'a1')
  expect(house.phase('b1')).toBe('closing')
  expect(house.arrive('r3', 'free')).toEqual([])
  expect(house.finish('r1')).toEqual(['stop b1'])
  expect(house.stopped('b1').slice(0, 1)).toEqual(['start a1'])
})

test('members of a persistent group stay when another group starts', () => {
  const house = houseWith({ exclusive: true }, { persistent: true }).load('b1').load('free')
  expect(house.arrive('r', 'a1')).toEqual(['stop free'])
})

test('who cannot have the memory of a persistent group is refused at once, not left to wait', () => {
  const groups = [{ name: 'kept', members: ['K'], swap: false, exclusive: false, persistent: true }]
  const models = [modelNamed('K', { bytes: 16 }), modelNamed('L', { bytes: 16 })]
  const house = new DrivenScheduler(models, { constraint: modelGroups(groups) }).load('K')
  expect(house.arrive('r', 'L')).toEqual(['refuse r'])
  expect(house.refusal('r')?.message).toContain('K')
})

test('a model in two groups is told', () => {
  const group = { swap: true, exclusive: true, persistent: false }
  const groups = [
    { name: 'one', members: ['a', 'b'], ...group },
    { name: 'two', members: ['b', 'c', 'c'], ...group },
  ]
  expect(repeatedMembers(groups)).toEqual(['b', 'c'])
})
