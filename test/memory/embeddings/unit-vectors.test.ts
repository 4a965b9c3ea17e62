import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { unitVectors } from '../../../src/memory/embeddings/unit-vectors.ts'

const space = { model: 'm', dimensions: 3 }

test('vectors keep their direction and have length 1', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.tuple(number, number, number), (vector) => {
      fc.pre(Math.hypot(...vector) > 1e-6)
      const [unit = []] = unitVectors([vector], space)
      expect(Math.hypot(...unit)).toBeCloseTo(1)
      for (const [index, value] of unit.entries()) expect(value * Math.hypot(...vector)).toBeCloseTo(vector[index] ?? 0)
    }),
  )
})

test('a vector of another length is refused with the setting that would take it', () => {
  expect(() =>
    unitVectors(
      [
        [1, 0, 0],
        [1, 0],
      ],
      space,
    ),
  ).toThrow('set memory.embeddings.dimensions to 2')
})

test('a vector of zeros is refused: its cosine with anything is no number', () => {
  expect(() => unitVectors([[0, 0, 0]], space)).toThrow('got zeros')
})
