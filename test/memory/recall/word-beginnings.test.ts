import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { mentions } from '../../../src/memory/recall/mentions.ts'
import { wordBeginnings } from '../../../src/memory/recall/word-beginnings.ts'

test('misspelled and inflected words begin as those that were meant', () => {
  for (const [asked, said] of [
    ['marathn', 'the marathon'],
    ['tabletten', 'eine tablette'],
    ['lighthous', 'a lighthouse keeper'],
  ] as const) {
    const [beginning = ''] = wordBeginnings([asked])
    expect(mentions(said, beginning)).toBe(true)
  }
})

test('short words and names with digits or signs are meant as they are', () => {
  expect(wordBeginnings(['keys', 'src/store/recall.ts', '0042_add_currency', '米索', ''])).toEqual([])
})

test('they are few, different, and each is one of the words begun', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ä', 'ß'), maxLength: 12 })), (words) => {
      const beginnings = wordBeginnings(words)
      expect(beginnings.length).toBeLessThanOrEqual(8)
      expect(new Set(beginnings).size).toBe(beginnings.length)
      for (const one of beginnings) expect(words.some((word) => word.startsWith(one.slice(0, -1)))).toBe(true)
    }),
  )
})
