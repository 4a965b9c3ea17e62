import { expect, test } from 'vitest'

import { mentions } from '../../../src/memory/recall/mentions.ts'

test('a word stands in a text by itself, and not as a part of another', () => {
  expect(mentions('the cat sat', 'cat')).toBe(true)
  expect(mentions('concatenated cats', 'cat')).toBe(false)
})

test('one that ends in a star may go on, but begins where it begins', () => {
  expect(mentions('two marathons', 'marat*')).toBe(true)
  expect(mentions('ultramarathons', 'marat*')).toBe(false)
})

test('one in a script without blanks stands anywhere', () => {
  expect(mentions('我的猫叫米索', '米索')).toBe(true)
  expect(mentions('我的猫叫米索', '索米')).toBe(false)
})
