import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { detokenize, pieceOf, pieces, tokenize, tokenOf, vocabularySize } from '../../src/sim/tokenizer.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.lorem(),
  fc.array(fc.constantFrom(' ', '\0', 'a', 'é', '\n', '🙂', '\uD800')).map((parts) => parts.join('')),
)

describe('the tokenizer', () => {
  test('gives any text back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(detokenize(tokenize(text))).toBe(text)
      }),
    )
  })

  test('keeps tokens within its vocabulary, and so within 31 bits', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenize(text).every((token) => Number.isInteger(token) && token >= 0 && token < vocabularySize)).toBe(
          true,
        )
      }),
    )
    expect(vocabularySize).toBeLessThan(2 ** 31)
  })

  test('gives each token its own piece', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenize(text).map(pieceOf)).toEqual(pieces(text))
      }),
    )
  })

  test('reads any number as some piece', () => {
    fc.assert(
      fc.property(fc.double(), (token) => {
        expect(pieceOf(token)).toBeTypeOf('string')
      }),
    )
  })

  test('counts about one token for four letters', () => {
    expect(pieces('hello there, 2 × 3')).toEqual(['hell', 'o', ' ther', 'e', ',', ' 2', ' ', '×', ' 3'])
    expect(tokenOf('hell')).not.toBe(tokenOf(' hell'))
  })
})
