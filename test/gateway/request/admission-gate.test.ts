import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { AdmissionGate } from '../../../src/gateway/request/admission-gate.ts'

type Step = { readonly type: 'arrive' } | { readonly type: 'leave' | 'cancel'; readonly which: number }

const steps = fc.array(
  fc.oneof(
    fc.constant<Step>({ type: 'arrive' }),
    fc.record({ type: fc.constantFrom('leave' as const, 'cancel' as const), which: fc.nat(20) }),
  ),
  { maxLength: 60 },
)

test('no more than the limit are inside, the rest come in by their order, and who cancels takes no place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (limit, schedule) => {
      const gate = new AdmissionGate(limit)
      const inside: number[] = []
      /** Whether each wait ended as it should: with a turn when a place was left, without when it was cancelled. */
      const turns: boolean[] = []
      let queue: { readonly id: number; readonly cancel: () => void; readonly turn: Promise<boolean> }[] = []
      let arrivals = 0

      const arrive = (): void => {
        const id = arrivals++
        if (gate.tryEnter()) {
          inside.push(id)
          return
        }
        let cancel = (): void => undefined
        const turn = gate.wait((given) => {
          cancel = given
        })
        queue.push({ id, cancel, turn })
      }

      for (const step of schedule) {
        if (step.type === 'arrive') {
          arrive()
        } else if (step.type === 'leave' && inside.length > 0) {
          inside.splice(step.which % inside.length, 1)
          gate.leave()
          const [first, ...others] = queue
          if (first !== undefined) {
            turns.push(await first.turn)
            inside.push(first.id)
            queue = others
          }
        } else if (step.type === 'cancel' && queue.length > 0) {
          const [gone] = queue.splice(step.which % queue.length, 1)
          gone?.cancel()
          turns.push((await gone?.turn) === false)
          gone?.cancel()
        }
        expect(inside.length).toBeLessThanOrEqual(limit)
        expect(gate.waiting).toBe(queue.length)
        expect(turns).not.toContain(false)
        expect(queue.length === 0 || inside.length === limit).toBe(true)
      }
    }),
  )
})

test('a cancel that comes after the turn changes nothing: the place is owed', async () => {
  const gate = new AdmissionGate(1)
  gate.tryEnter()
  let cancel = (): void => undefined
  const turn = gate.wait((given) => {
    cancel = given
  })
  gate.leave()
  cancel()
  expect(await turn).toBe(true)
  expect(gate.tryEnter()).toBe(false)
  gate.leave()
  expect(gate.tryEnter()).toBe(true)
})
