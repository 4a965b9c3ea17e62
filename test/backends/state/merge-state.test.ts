import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { mergeState } from '../../../src/backends/state/merge-state.ts'
import { parseStateEvent } from '../../../src/backends/state/parse-state-event.ts'
import { anyGatewayState } from '../../support/gateway-states.ts'

const none = { models: [], backends: [], pools: [] }
const delta = (sequence: number) => ({ type: 'delta', sequence, ...none, gone: none }) as const

test('a gap in the numbers is noticed, and so is a delta that comes first', () => {
  fc.assert(
    fc.property(anyGatewayState, fc.nat(), fc.nat(), (state, sequence, next) => {
      const known = mergeState(undefined, { type: 'snapshot', sequence, state })
      expect(mergeState(known, delta(next)) === undefined).toBe(next !== sequence + 1)
      expect(mergeState(undefined, delta(next))).toBeUndefined()
    }),
  )
})

test('an event of a version that is not known is not guessed at', () => {
  expect(parseStateEvent({ type: 'snapshot', sequence: 1, state: { version: 2, models: [] } })).toBeUndefined()
  expect(parseStateEvent({ type: 'news', sequence: 1 })).toBeUndefined()
  expect(parseStateEvent('closing')).toBeUndefined()
})

test('whatever another program sends is read without an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(() => parseStateEvent(json)).not.toThrow()
    }),
  )
})
