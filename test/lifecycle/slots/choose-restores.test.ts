import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { chooseRestores } from '../../../src/lifecycle/slots/choose-restores.ts'

const saved = fc.uniqueArray(
  fc.record({ conversation: fc.string({ maxLength: 3 }), bytes: fc.nat(2e9), lastUse: fc.nat(1_000) }),
  { selector: ({ conversation }) => conversation },
)
const diskBytesPerSecond = 1e9

test('whoever is waited for comes first, whatever it costs', () => {
  fc.assert(
    fc.property(saved, fc.array(fc.string({ maxLength: 3 })), (all, names) => {
      const awaited = new Set(names)
      const chosen = chooseRestores(all, { awaited, diskBytesPerSecond })
      const wanted = all.filter(({ conversation }) => awaited.has(conversation))
      expect(new Set(chosen.slice(0, wanted.length))).toEqual(new Set(wanted))
      expect(new Set(chosen).size).toBe(chosen.length)
    }),
  )
})

test('the others hold up nobody for more than a second', () => {
  fc.assert(
    fc.property(saved, (all) => {
      const chosen = chooseRestores(all, { awaited: new Set(), diskBytesPerSecond })
      expect(chosen.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(diskBytesPerSecond)
    }),
  )
})

test('of the others the most recent are preferred', () => {
  const all = [
    { conversation: 'old', bytes: 600e6, lastUse: 1 },
    { conversation: 'recent', bytes: 600e6, lastUse: 3 },
    { conversation: 'small', bytes: 300e6, lastUse: 2 },
  ]
  const chosen = chooseRestores(all, { awaited: new Set(), diskBytesPerSecond })
  expect(chosen.map(({ conversation }) => conversation)).toEqual(['recent', 'small'])
})
