import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readResidence } from '../../../src/dialects/ollama/read-residence.ts'

test.for([
  [0, 0],
  ['0', 0],
  ['0s', 0],
  [1800, 1_800_000],
  ['1800', 1_800_000],
  ['300s', 300_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  [-1, Infinity],
  ['-1', Infinity],
  ['-1s', Infinity],
  ['-1m', Infinity],
] as const)('keep_alive %s is a time of %s ms', ([said, idleMs]) => {
  expect(readResidence(said)).toEqual({ idleMs })
})

test('whatever else stands there says nothing', () => {
  for (const said of [undefined, null, '', 'forever', '5 minutes', {}, [], true, NaN]) {
    expect(readResidence(said)).toEqual({})
  }
  fc.assert(
    fc.property(fc.anything(), (said) => {
      const { idleMs } = readResidence(said)
      expect(idleMs === undefined || idleMs >= 0).toBe(true)
    }),
  )
})
