import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { PageCache } from '../../../src/sim/swaps/page-cache.ts'

test('the file that was read longest ago makes room', () => {
  const cache = new PageCache(10)
  cache.touch('a', 4)
  cache.touch('b', 4)
  cache.touch('a', 4)
  expect(cache.touch('c', 4).toSorted()).toEqual(['b', 'c'])
  expect(['a', 'b', 'c'].map((name) => cache.cachedBytes(name))).toEqual([4, 0, 4])
})

test('a file larger than the cache is not kept, and puts nothing out', () => {
  const cache = new PageCache(10)
  cache.touch('a', 4)
  cache.touch('huge', 11)
  expect([cache.cachedBytes('a'), cache.cachedBytes('huge')]).toEqual([4, 0])
})

test('it never holds more than it has', () => {
  const touches = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 12 })))
  fc.assert(
    fc.property(touches, (all) => {
      const cache = new PageCache(10)
      for (const [name, bytes] of all) cache.touch(name, bytes)
      const held = ['a', 'b', 'c', 'd'].reduce((sum, name) => sum + cache.cachedBytes(name), 0)
      expect(held).toBeLessThanOrEqual(10)
    }),
  )
})
