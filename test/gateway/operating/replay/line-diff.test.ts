import fc from 'fast-check'
import { expect, test } from 'vitest'

import { lineDiff, withContext } from '../../../../src/gateway/operating/replay/line-diff.ts'

const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })

test('what stays and goes is the old text, what stays and comes the new one', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const diff = lineDiff(before, after)
      expect(diff.filter(({ sign }) => sign !== '+').map(({ text }) => text)).toEqual(before)
      expect(diff.filter(({ sign }) => sign !== '-').map(({ text }) => text)).toEqual(after)
    }),
  )
})

test('as many lines stay as the two have in common, in order', () => {
  const stays = lineDiff(['a', 'b', 'c', 'd'], ['b', 'x', 'c', 'a', 'd']).filter(({ sign }) => sign === ' ')
  expect(stays.map(({ text }) => text)).toEqual(['b', 'c', 'd'])
})

test('texts too long to compare are shown as replaced, between what they begin and end with', () => {
  const many = (word: string) => Array.from({ length: 2_500 }, (_, index) => `${word} ${index}`)
  const diff = lineDiff(['first', ...many('old'), 'last'], ['first', ...many('new'), 'last'])
  expect(diff.length).toBe(5_002)
})

test('context is so many lines around each change, and a mark for what is left out', () => {
  const diff = lineDiff(['1', '2', '3', '4', '5', '6'], ['1', '2', 'x', '4', '5', '6'])
  expect(withContext(diff, 1).map(({ sign, text }) => sign + text)).toEqual(['…', ' 2', '-3', '+x', ' 4', '…'])
  expect(withContext(lineDiff(['1'], ['1']), 1)).toEqual([])
})
