import fc from 'fast-check'
import { expect, test } from 'vitest'

import { fitTables } from '../../../src/tui/top/fit-tables.ts'
import { shareRows } from '../../../src/tui/top/share-rows.ts'

const wishes = fc.array(fc.nat(60), { maxLength: 6 })

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

test('nobody gets more than was wanted, and no row is dealt out twice or left over in need', () => {
  fc.assert(
    fc.property(wishes, fc.nat(120), (wanted, room) => {
      const shares = shareRows(wanted, room)
      expect(sum(shares)).toBe(Math.min(room, sum(wanted)))
      for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(wanted[index]!)
    }),
  )
})

test('who wants little is served whole before the others share', () => {
  expect(shareRows([2, 100, 100], 22)).toEqual([2, 10, 10])
  expect(shareRows([100, 1, 100], 4)).toEqual([2, 1, 1])
})

test('tables with their frames never need more than the room, and the most important one is always there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      fc.nat(80),
      (wanted, room) => {
        const shares = fitTables(
          wanted.map((rows, rank) => ({ wanted: rows, rank })),
          { room, frame: 3 },
        )
        const shown = shares.filter((share) => share > 0)
        if (room > 3) {
          expect(shares[0]).toBeGreaterThan(0)
          expect(sum(shown) + 3 * shown.length).toBeLessThanOrEqual(room)
        }
      },
    ),
  )
})
