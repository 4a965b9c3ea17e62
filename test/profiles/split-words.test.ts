import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { splitWords } from '../../src/profiles/split-words.ts'

test.each([
  ['a  b\n\tc', ['a', 'b', 'c']],
  [`a 'b c' "d e"f`, ['a', 'b c', 'd ef']],
  [String.raw`a\ b "c\"d" 'e\f' "\n"`, ['a b', 'c"d', String.raw`e\f`, String.raw`\n`]],
  ['a \\\n  b', ['a', 'b']],
  ['a # comment | with ; signs\nb#c', ['a', 'b#c']],
  [`a '' ""`, ['a', '', '']],
  ['serve --port ${PORT} ${env.X}', ['serve', '--port', '${PORT}', '${env.X}']],
  [`'a|b' "c>d;e&f" '$HOME'`, ['a|b', 'c>d;e&f', '$HOME']],
  ['--x=a~b', ['--x=a~b']],
])('%j is read as words', (text, words) => {
  expect(splitWords(text)).toEqual({ words })
})

test.each(['a | b', 'a; b', 'a & b', 'a > f', 'a < f', 'a `b`', 'a $(b)', 'a $HOME', '~/a'])(
  '%j would need a shell, and is refused with what to write instead',
  (text) => {
    expect(splitWords(text).problem).toMatch(/^"." would need a shell/)
  },
)

test.each([`a 'b`, 'a "b', '', '  # only a comment'])('%j is not a command', (text) => {
  expect(splitWords(text).problem).toMatch(/^expected /)
})

test('words that are quoted are read back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (words) => {
      const text = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
      expect(splitWords(text)).toEqual({ words })
    }),
  )
})

test('any text is words or a problem', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', ' ', '"', "'", '\\', '$', '{', '}', '|', '#', '\n', '~') }),
      (text) => {
        const split = splitWords(text)
        expect(split.problem === undefined ? split.words.length : split.problem.length).toBeGreaterThan(0)
      },
    ),
  )
})
