import { expect, test } from 'vitest'

import { SwapStretches } from '../../../src/gateway/fleet/swap-stretches.ts'
import type { EngineMomentName } from '../../../src/lifecycle/instance/engine-moment.ts'

function stretchesOf(moments: readonly (readonly [EngineMomentName, number])[]) {
  const stretches = new SwapStretches()
  return moments.flatMap(([name, atMs]) => stretches.add({ model: 'm', name, atMs }) ?? [])
}

test('a model that goes and comes is cut into the phases of a swap', () => {
  const phases = stretchesOf([
    ['draining', 0],
    ['saving', 5],
    ['saved', 15],
    ['signalled', 16],
    ['exited', 116],
    ['freed', 120],
    ['starting', 200],
    ['spawned', 210],
    ['answering', 230],
    ['loaded', 1230],
    ['ready', 1240],
  ]).map(({ phase, durationMs }) => `${phase} ${durationMs}`)
  expect(phases).toEqual(['drain 5', 'save 10', 'stop 100', 'memory 4', 'spawn 30', 'load 1000', 'restore 10'])
})

test('a phase whose beginning belongs to an earlier life of the model is not counted', () => {
  const phases = stretchesOf([
    ['starting', 0],
    ['answering', 10],
    // It crashed while it loaded: nobody asked it to go.
    ['exited', 20],
    ['freed', 30],
    ['loaded', 99],
  ])
  expect(phases.map(({ phase }) => phase)).toEqual(['spawn', 'memory'])
})
