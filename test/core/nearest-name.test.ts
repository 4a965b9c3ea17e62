import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { editDistance, nearestName } from '../../src/core/nearest-name.ts'

test.each([
  ['prot', 'port'],
  ['apiKey', 'api_key'],
  ['API-KEY', 'api_key'],
  ['hots', 'host'],
  ['bakends', 'backends'],
])('%s is meant to be %s', (name, meant) => {
  expect(nearestName(name, ['host', 'port', 'api_key', 'backends', 'tls'])).toBe(meant)
})

test.each(['', 'x', 'zzzz', 'listen', 'a'.repeat(10_000)])('%j is meant to be nothing known', (name) => {
  expect(nearestName(name, ['host', 'port', 'tls'])).toBeUndefined()
})

test('the distance is a distance: zero for itself alone, the same both ways, and no longer than the longer text', () => {
  const text = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', 'c') })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const distance = editDistance(a, b)
      expect(distance === 0).toBe(a === b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length))
    }),
  )
})
