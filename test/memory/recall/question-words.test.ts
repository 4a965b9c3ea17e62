import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { questionWords } from '../../../src/memory/recall/question-words.ts'

test('words that stand everywhere are not looked for', () => {
  expect(questionWords('What was the name of my landlord again?')).toEqual(['landlord', 'name'])
  expect(questionWords('Wie heißt der Vermieter?')).toEqual(['vermieter', 'heißt'])
  expect(questionWords('and what is it?')).toEqual([])
})

test('a path is looked for as a whole and by its parts', () => {
  expect(questionWords('Look at src/store/recall.ts, please')).toEqual(
    expect.arrayContaining(['src/store/recall.ts', 'recall', 'store', 'look']),
  )
})

test('of a script without blanks each two characters are looked for, and words of other scripts within it', () => {
  expect(questionWords('我的猫叫什么？').toSorted()).toEqual(['什么', '叫什', '我的', '猫叫', '的猫'].toSorted())
  expect(questionWords('用Python写的脚本')).toEqual(expect.arrayContaining(['python', '脚本']))
})

test('however long the question is, its words are few and short enough to be looked for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 5_000 }), (question) => {
      const words = questionWords(question)
      expect(words.length).toBeLessThanOrEqual(32)
      expect(words.every((word) => word.length > 1 && word.length <= 100)).toBe(true)
      expect(new Set(words).size).toBe(words.length)
    }),
  )
})

test('of a pasted file the end counts as much as the beginning', () => {
  const pasted = `alpha ${'filler '.repeat(5_000)} omega`
  expect(questionWords(pasted)).toEqual(expect.arrayContaining(['alpha', 'omega']))
})
