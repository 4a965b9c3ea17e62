import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { embed, similarity } from '../../src/sim/embed.ts'

test('an embedding has length 1 whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 64 }), (text, dimensions) => {
      const vector = embed(text, dimensions)
      expect(vector).toHaveLength(dimensions)
      expect(Math.hypot(...vector)).toBeCloseTo(1)
    }),
  )
})

test('texts that share words are nearer than texts that do not', () => {
  const asked = embed('the boat on the river', 768)
  const near = similarity(asked, embed('A river boat!', 768))
  expect(near).toBeGreaterThan(similarity(asked, embed('seven green apples', 768)) + 0.3)
  expect(similarity(asked, asked)).toBeCloseTo(1)
})
