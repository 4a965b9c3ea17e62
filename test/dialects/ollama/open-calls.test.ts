import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { OpenCalls } from '../../../src/dialects/ollama/open-calls.ts'

const name = fc.constantFrom('read', 'write', 'list')
const id = fc.option(fc.constantFrom('a', 'b', 'call_1'), { nil: undefined, freq: 1 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), name, id }),
  fc.record({ kind: fc.constant('answer' as const), name: fc.option(name, { nil: undefined }), id }),
)

test('a result goes to the call of its id, else to the oldest open one of its name, else to the oldest open one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const calls = new OpenCalls()
      const open: { name: string; id: string }[] = []
      let made = 0
      const close = (isMeant: (call: { name: string; id: string }) => boolean): void => {
        const index = open.findIndex(isMeant)
        if (index >= 0) open.splice(index, 1)
      }
      for (const { kind, name: called, id: given } of steps) {
        if (kind === 'open') {
          const expected = given ?? `call_${made}`
          made++
          expect(calls.open(called, given)).toBe(expected)
          open.push({ name: called, id: expected })
        } else if (given !== undefined) {
          expect(calls.answer(called, given)).toBe(given)
          while (open.some((call) => call.id === given)) close((call) => call.id === given)
        } else {
          const meant = open.find((call) => call.name === called) ?? open[0]
          expect(calls.answer(called, undefined)).toBe(meant?.id ?? '')
          close((call) => call === meant)
        }
      }
    }),
  )
})
