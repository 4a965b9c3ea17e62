import fc from 'fast-check'
import { expect, test } from 'vitest'

import { foreignPolicy, type ForeignChoice } from '../../../src/scheduling/policies/foreign-policy.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import type { SwapDecision } from '../../../src/scheduling/policies/swap-policy.ts'
import { DrivenScheduler, modelNamed } from '../driven-scheduler.ts'
import { viewOf, waitingModel } from './views.ts'

function answered(answer: unknown): SwapDecision {
  return foreignPolicy('mine', () => answer).nextSwap(viewOf({ waiting: [waitingModel('A')], residents: [] }))
}

/** A house that A is in and somebody wants B. */
function houseWith(choose: ForeignChoice): DrivenScheduler {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B')], { policy: foreignPolicy('mine', choose) })
  house.load('A').arrive('b1', 'B')
  house.pass(120_000)
  return house
}

test('its decisions are carried out', () => {
  const choose: ForeignChoice = () => ({ kind: 'swap', target: 'B', evict: ['A'] })
  expect(houseWith(choose).phase('A')).toBe('stopping')
})

test('it may ask the policies that llmr brings', () => {
  const view = viewOf({ waiting: [waitingModel('A')], residents: [] })
  expect(foreignPolicy('mine', (given, builtIn) => builtIn.ripe.nextSwap(given)).nextSwap(view)).toEqual(
    ripe.nextSwap(view),
  )
})

test.each<[string, ForeignChoice]>([
  [
    'throws',
    () => {
      throw new Error('a mistake')
    },
  ],
  ['answers nothing', () => undefined],
  ['answers with a promise that fails', () => Promise.reject(new Error('too late'))],
  ['answers with a word', () => 'swap'],
  ['names a kind that there is not', () => ({ kind: 'banana' })],
  ['names a victim that is not there', () => ({ kind: 'swap', target: 'B', evict: ['Z'] })],
  ['names a target that nobody waits for', () => ({ kind: 'swap', target: 'A', evict: [] })],
  ['makes no room', () => ({ kind: 'swap', target: 'B', evict: [] })],
  ['asks to be asked again at no time', () => ({ kind: 'wait', askAgainAtMs: Number.NaN })],
  ['changes what belongs to the scheduler', (view) => Object.assign(view.residents[0]?.model ?? {}, { sizeBytes: {} })],
  ['empties the queue', (view) => (view.waiting as unknown[]).splice(0)],
])('where it %s, ripe decides, and it is told', (_, choose) => {
  const house = houseWith(choose)
  expect(house.phase('A')).toBe('stopping')
  expect(house.effects.some(({ type }) => type === 'policyFailed')).toBe(true)
})

test('one that only waits starves nobody for ever: the deadline refuses', () => {
  const house = new DrivenScheduler([modelNamed('A'), modelNamed('B')], {
    policy: foreignPolicy('mine', () => ({ kind: 'wait' })),
  })
  house.load('A').arrive('b1', 'B', { deadlineMs: 30_000 })
  house.pass(31_000)
  expect(house.refusal('b1')).toMatchObject({ code: 'queue_timeout' })
})

test('whatever it answers becomes a decision or an error, and nothing else', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (answer, because) => {
      for (const given of [
        answer,
        { kind: 'swap', target: 'A', evict: answer, because },
        { kind: 'wait', askAgainAtMs: answer },
      ]) {
        try {
          const decision = answered(given)
          expect(['swap', 'wait']).toContain(decision.kind)
          if (decision.kind === 'swap') expect(typeof decision.because).toBe('string')
        } catch (error) {
          expect(String(error)).toMatch(/expected/)
        }
      }
    }),
  )
})
