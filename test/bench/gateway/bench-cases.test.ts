import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { benchCases } from '../../../src/bench/gateway/bench-cases.ts'
import { benchModels, chatRequest } from '../../../src/bench/gateway/canned-replies.ts'

test('names are unique, and --only keeps those that contain one of its words', () => {
  const names = benchCases({ durationMs: 1000, isQuick: false, only: [] }).map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('json-100k-c256')
  const kept = benchCases({ durationMs: 1000, isQuick: false, only: ['paced', '100k'] }).map(({ name }) => name)
  expect(kept).toEqual(names.filter((name) => name.includes('paced') || name.includes('100k')))
  expect(benchCases({ durationMs: 1000, isQuick: false, only: ['memory'] })).toEqual([])
})

test('a quick run is a part of the whole one', () => {
  const names = (isQuick: boolean) => benchCases({ durationMs: 1000, isQuick, only: [] }).map(({ name }) => name)
  expect(names(false)).toEqual(expect.arrayContaining([...names(true)]))
  expect(names(true).length).toBeLessThan(names(false).length)
})

test('a request has the size asked for', () => {
  fc.assert(
    fc.property(fc.constantFrom(...benchModels), fc.integer({ min: 400, max: 20_000 }), (model, size) => {
      const length = Buffer.byteLength(chatRequest(model, size))
      expect(length).toBeGreaterThanOrEqual(size)
      expect(length).toBeLessThan(size * 1.1 + 10) // a line break takes two bytes inside JSON
    }),
  )
})
