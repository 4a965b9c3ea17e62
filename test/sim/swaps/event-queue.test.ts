import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { EventQueue } from '../../../src/sim/swaps/event-queue.ts'

test('events come in the order of time, those of one time in the order they were added', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const queue = new EventQueue<number>()
      for (const [index, atMs] of times.entries()) queue.add(atMs, index)
      const out = times.map(() => queue.next()?.entry ?? -1)
      expect(out).toEqual([...times.keys()].sort((one, other) => times[one]! - times[other]! || one - other))
      expect(queue.next()).toBeUndefined()
    }),
  )
})
