import { expect, test } from 'vitest'

import { isMemoryBack } from '../../../src/lifecycle/memory/is-memory-back.ts'

const gib = 1024 ** 3
const nothing = { beforeLoad: {}, loaded: {}, beforeStop: {} }

test('as long as its processes hold anything it is not', () => {
  expect(isMemoryBack(nothing, { heldBytes: 1 })).toBe(false)
  expect(isMemoryBack(nothing, { heldBytes: 0 })).toBe(true)
})

test('as much must be free again as the driver said that it held', () => {
  const use = { ...nothing, beforeStop: { freeBytes: 2 * gib, heldBytes: 8 * gib } }
  expect(isMemoryBack(use, { freeBytes: 2 * gib, heldBytes: 0 })).toBe(false)
  expect(isMemoryBack(use, { freeBytes: 9 * gib, heldBytes: 0 })).toBe(false)
  expect(isMemoryBack(use, { freeBytes: 9.9 * gib, heldBytes: 0 })).toBe(true)
})

test('where the driver does not know the processes, what vanished during the load must be back', () => {
  const use = {
    beforeLoad: { freeBytes: 20 * gib },
    loaded: { freeBytes: 12 * gib },
    // Another model has come since, and has nothing to do with it.
    beforeStop: { freeBytes: 4 * gib, heldBytes: 0 },
  }
  expect(isMemoryBack(use, { freeBytes: 5 * gib, heldBytes: 0 })).toBe(false)
  expect(isMemoryBack(use, { freeBytes: 12 * gib, heldBytes: 0 })).toBe(true)
})

test('where nothing was measured nothing is waited for', () => {
  expect(isMemoryBack(nothing, {})).toBe(true)
  expect(isMemoryBack(nothing, { freeBytes: 0 })).toBe(true)
})
