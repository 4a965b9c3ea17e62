import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { isCorrelationId, mintId, uuidv7 } from '../../src/core/identifier.ts'

test('an id is a UUID of version 7 that begins with its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (nowMs) => {
      const id = uuidv7(nowMs)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(nowMs)
    }),
  )
})

test('thousands of ids of one millisecond are all different, in each of their random parts', () => {
  const ids = Array.from({ length: 5_000 }, () => uuidv7(1_700_000_000_000))
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids.map((id) => id.slice(24))).size).toBe(ids.length)
  expect(new Set(ids.map((id) => id.slice(15, 18))).size).toBeGreaterThan(2_000)
  expect(new Set(ids.map((id) => id[19]))).toEqual(new Set('89ab'))
})

test('a minted id is 32 letters and digits, and may stand for a correlation id', () => {
  const id = mintId()
  expect(id).toMatch(/^[0-9a-f]{32}$/)
  expect(isCorrelationId(id)).toBe(true)
})
