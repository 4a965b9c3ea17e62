import fc from 'fast-check'
import { expect, test } from 'vitest'

import { MemberList } from '../../src/core/member-list.ts'

test('it holds what a set would hold, whoever joins and leaves in whatever order', () => {
  const steps = fc.array(fc.record({ joins: fc.boolean(), who: fc.nat(9) }), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (moves) => {
      const people = Array.from({ length: 10 }, (_, name) => ({ name, position: -1 }))
      const list = new MemberList<(typeof people)[number]>()
      const set = new Set<(typeof people)[number]>()
      for (const { joins, who } of moves) {
        const person = people[who]!
        if (joins && !set.has(person)) {
          list.add(person)
          set.add(person)
        } else if (!joins) {
          list.delete(person)
          set.delete(person)
        }
      }
      expect(new Set(list)).toEqual(set)
      expect(list.size).toBe(set.size)
    }),
  )
})
