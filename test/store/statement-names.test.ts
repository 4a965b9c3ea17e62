import fc from 'fast-check'
import { expect, test } from 'vitest'

import { StatementNames } from '../../src/store/statement-names.ts'

test('a statement has a name once it was asked for three times, always the same, and no other has it', () => {
  const names = new StatementNames()
  expect(['a', 'b', 'a'].map((text) => names.nameOf(text))).toEqual([undefined, undefined, undefined])
  const name = names.nameOf('a')
  expect(name).toMatch(/^llmr-[0-9a-f]{40}$/)
  expect(names.nameOf('a')).toBe(name)
  names.nameOf('b')
  expect(names.nameOf('b')).not.toBe(name)
  const others = new StatementNames()
  for (let n = 0; n < 2; n++) others.nameOf('a')
  expect(others.nameOf('a')).toBe(name)
})

test('a session never has to keep more than 256 of them, whatever is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 200 }), (asked) => {
      const names = new StatementNames()
      const given = new Set<string>()
      const ask = (text: string): void => {
        const name = names.nameOf(text)
        if (name !== undefined) given.add(name)
      }
      for (const text of asked) ask(`${text}`)
      for (let round = 0; round < 3; round++) {
        for (let text = 0; text < 400; text++) for (let n = 0; n < 3; n++) ask(`${text}`)
      }
      expect(given.size).toBeLessThanOrEqual(256)
      expect(given.size).toBeGreaterThan(200)
    }),
    { numRuns: 20 },
  )
})
