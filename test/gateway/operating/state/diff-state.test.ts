import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { mergeState } from '../../../../src/backends/state/merge-state.ts'
import { parseStateEvent } from '../../../../src/backends/state/parse-state-event.ts'
import type { GatewayState } from '../../../../src/core/gateway-state.ts'
import { diffState } from '../../../../src/gateway/operating/state/diff-state.ts'
import { anyGatewayState } from '../../../support/gateway-states.ts'

/** What a listener makes of the events, over the wire and back. */
function heard(states: readonly GatewayState[]): GatewayState | undefined {
  let sequence = 0
  let before: GatewayState | undefined
  let known: ReturnType<typeof mergeState>
  for (const state of states) {
    const delta = before && diffState(before, state)
    const event =
      before === undefined ? { type: 'snapshot', sequence, state } : delta && { ...delta, sequence: ++sequence }
    before = state
    if (event === undefined) continue
    const parsed = parseStateEvent(JSON.parse(JSON.stringify(event)))
    known = parsed && mergeState(known, parsed)
  }
  return known?.state
}

function ordered({ models, backends, pools, ...rest }: GatewayState): GatewayState {
  return {
    ...rest,
    models: models.toSorted((one, other) => one.id.localeCompare(other.id)),
    backends: backends.toSorted((one, other) => one.name.localeCompare(other.name)),
    pools: pools.toSorted((one, other) => one.name.localeCompare(other.name)),
  }
}

test('a listener knows at every moment what the gateway knows', () => {
  fc.assert(
    fc.property(fc.array(anyGatewayState, { minLength: 1, maxLength: 6 }), (states) => {
      expect(ordered(heard(states)!)).toEqual(ordered(states.at(-1)!))
    }),
  )
})

test('nothing is told when nothing has changed', () => {
  fc.assert(
    fc.property(anyGatewayState, (state) => {
      expect(diffState(state, structuredClone(state))).toBeUndefined()
    }),
  )
})
