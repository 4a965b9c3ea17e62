import fc from 'fast-check'
import { expect, test } from 'vitest'

import { consumerName, durableName, filterSubjects } from '../../../src/events/jetstream/consumer-names.ts'

test('plain names stay as they are; any name becomes one that the server takes, and two never become one', () => {
  expect(durableName('persist')).toBe('persist')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      expect(durableName(one)).toMatch(/^[\w=-]*$/)
      expect(consumerName(durableName(one))).toBe(one)
      expect(durableName(one) === durableName(other)).toBe(one === other)
    }),
  )
})

test('a subject that another one holds is not asked for twice', () => {
  expect(filterSubjects('w', ['a.b.>', 'a.b.c', 'a.b.c.>', 'a.bc', 'a.bc'])).toEqual([
    'a.b.>',
    'a.bc',
    'pipeline.redriven.w',
  ])
})
