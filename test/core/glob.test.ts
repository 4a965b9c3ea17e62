import fc from 'fast-check'
import { expect, test } from 'vitest'

import { globMatcher } from '../../src/core/glob.ts'

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?', '.'), maxLength: 8 })

test('a glob matches what the same pattern as a regular expression matches', () => {
  fc.assert(
    fc.property(text, text, (name, pattern) => {
      const source = pattern
        .replaceAll('.', String.raw`\.`)
        .replaceAll('*', '.*')
        .replaceAll('?', '.')
      expect(globMatcher([pattern])(name)).toBe(new RegExp(`^${source}$`, 's').test(name))
    }),
    { numRuns: 5_000 },
  )
})

test('a star crosses slashes, since a model id is one name', () => {
  expect(globMatcher(['org/*'])('org/team/model')).toBe(true)
})

test('many stars against a long name end at once', () => {
  expect(globMatcher([`${'*a'.repeat(40)}b`])('a'.repeat(10_000))).toBe(false)
})
