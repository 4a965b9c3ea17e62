import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { rankRounds } from '../../../src/memory/recall/rank-rounds.ts'
import { aPath } from './a-path.ts'

const distancesOf = (rounds: Parameters<typeof aPath>[0]): readonly number[] =>
  rankRounds(aPath(rounds)).map(({ distance }) => distance)

test('a round without any word of the question, far from all that have one, is not among them', () => {
  expect(distancesOf([{ words: [0] }, {}, {}, {}, {}, {}])).toEqual([0, 1, 2])
  expect(distancesOf([{}, {}, {}])).toEqual([])
})

test('a word that few rounds have counts more than one that most have', () => {
  const common = Array.from({ length: 12 }, () => ({ words: [0] }))
  expect(distancesOf([...common, {}, {}, {}, { words: [1] }, {}, {}, {}])[0]).toBe(15)
})

test('of two rounds with the same words the shorter one fits better, then the later one', () => {
  const gap = [{}, {}, {}, {}, {}]
  expect(distancesOf([{ words: [0], length: 90 }, ...gap, { words: [0], length: 5 }])[0]).toBe(6)
  expect(distancesOf([{ words: [0] }, ...gap, { words: [0] }])[0]).toBe(0)
})

test('what is talked about goes on for some rounds: one between two that fit stands above one that stands alone', () => {
  const order = distancesOf([{ words: [0] }, {}, {}, {}, {}, {}, { words: [0] }, {}, { words: [0] }, {}, {}])
  expect(order.indexOf(7)).toBeLessThan(order.indexOf(1))
})

test('nearness alone finds a round that has none of the words', () => {
  const rounds = Array.from({ length: 20 }, (_, at) => ({ cosine: at === 13 ? 0.8 : 0.3 }))
  expect(distancesOf(rounds)[0]).toBe(13)
})

test('where every round is as near as every other, none fits', () => {
  expect(distancesOf(Array.from({ length: 20 }, () => ({ cosine: 0.2 })))).toEqual([])
})

test('what both orders hold for good wins over what one holds for best', () => {
  const far = { cosine: 0.1 }
  const rounds = [
    { words: [0, 1], cosine: 0.1 }, // best by words alone
    ...Array.from({ length: 6 }, () => far),
    { words: [0], cosine: 0.7 },
    ...Array.from({ length: 6 }, () => far),
    { cosine: 0.75 }, // nearest alone
    ...Array.from({ length: 6 }, () => far),
  ]
  expect(distancesOf(rounds)[0]).toBe(7)
})

test('the order is one: the same rounds in whatever order they come, and each at most once', () => {
  const round = fc.record({
    words: fc.uniqueArray(fc.nat(4), { maxLength: 3 }),
    cosine: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined }),
    length: fc.nat(300),
  })
  fc.assert(
    fc.property(
      fc.array(round, { maxLength: 30 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1 })),
      (rounds, dice) => {
        const path = aPath(rounds)
        const ranked = rankRounds(path)
        const shuffled = path
          .map((one) => ({ one, by: Number(dice.next().value) }))
          .toSorted((a, b) => a.by - b.by)
          .map(({ one }) => one)
        expect(rankRounds(shuffled).map(({ reply }) => reply)).toEqual(ranked.map(({ reply }) => reply))
        expect(new Set(ranked).size).toBe(ranked.length)
        expect(ranked.every((one) => path.includes(one))).toBe(true)
      },
    ),
  )
})
