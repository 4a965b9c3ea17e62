import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { commonLength, SlotPool } from '../../src/sim/slot-pool.ts'
import type { Lease } from '../../src/sim/slot-pool.ts'

const { signal } = new AbortController()
const wish = { prompt: [1, 2, 3], mayUseCache: true, signal }

describe('slots', () => {
  test('are never given twice, and to those who wait in the order they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (count, steps) => {
          const pool = new SlotPool(count)
          const given: number[] = []
          const held: Lease[] = []
          let asked = 0
          for (const isAsking of steps) {
            if (isAsking) {
              const number = (asked += 1)
              void pool.lease(wish).then((lease) => {
                given.push(number)
                held.push(lease)
              })
            } else {
              held.shift()?.release([])
            }
            await settled()
            expect(new Set(held.map(({ slot }) => slot)).size).toBe(held.length)
            expect(held.length).toBeLessThanOrEqual(count)
            expect(pool.waitingCount).toBe(asked - given.length)
            expect(pool.waitingCount === 0 || held.length === count).toBe(true)
          }
          expect(given).toEqual(given.toSorted((one, other) => one - other))
        },
      ),
    )
  })

  test('go to the request whose beginning they remember', async () => {
    const pool = new SlotPool(3)
    const leases = await Promise.all([pool.lease(wish), pool.lease(wish), pool.lease(wish)])
    for (const [index, lease] of leases.entries()) lease.release([index, 7, 8, 9])
    const lease = await pool.lease({ ...wish, prompt: [1, 7, 8, 5] })
    expect(lease.slot.id).toBe(1)
    expect(lease.cachedCount).toBe(3)
  })

  test('are otherwise taken in turn, the longest unused first', async () => {
    const pool = new SlotPool(2)
    const ids: number[] = []
    for (const first of [10, 20, 30]) {
      const lease = await pool.lease({ ...wish, prompt: [first] })
      ids.push(lease.slot.id)
      lease.release([first])
    }
    expect(ids).toEqual([0, 1, 0])
  })

  test('work on the last token of a prompt even when they know all of it', async () => {
    const pool = new SlotPool(1)
    const first = await pool.lease(wish)
    first.release([1, 2, 3, 4])
    expect((await pool.lease(wish)).cachedCount).toBe(2)
  })

  test('are not waited for by who has left', async () => {
    const pool = new SlotPool(1)
    const busy = await pool.lease(wish)
    const leaver = new AbortController()
    const left = pool.lease({ ...wish, signal: leaver.signal })
    const next = pool.lease(wish)
    leaver.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    busy.release([])
    await expect(next).resolves.toBeDefined()
    await expect(pool.lease({ ...wish, signal: leaver.signal })).rejects.toThrow('left')
  })

  test('can be asked for by number', async () => {
    const pool = new SlotPool(2)
    const one = await pool.lease({ ...wish, slotId: 1 })
    expect(one.slot.id).toBe(1)
    const waiting = pool.lease({ ...wish, slotId: 1 })
    await settled()
    expect(pool.waitingCount).toBe(1)
    one.release([])
    one.release([9]) // only the first call counts
    expect((await waiting).slot.tokens).toEqual([])
    expect((await pool.lease({ ...wish, slotId: 99 })).slot.id).toBe(0)
  })
})

test('the common length of two lists is that of the longest beginning they share', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2)), fc.array(fc.nat(2)), (one, other) => {
      const length = commonLength(one, other)
      expect(one.slice(0, length)).toEqual(other.slice(0, length))
      expect(length === one.length || length === other.length || one[length] !== other[length]).toBe(true)
    }),
  )
})

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
