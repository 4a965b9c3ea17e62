import { array, assert, constantFrom, integer, lorem, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'

import { JoinedText } from '../../../src/toolcalls/reply/joined-text.ts'

function join(said: string, more: string, size: number, overlapMin = 8): string {
  const joined = new JoinedText(said, overlapMin)
  let text = said
  for (let at = 0; at < more.length; at += size) text += joined.push(more.slice(at, at + size))
  return text + joined.end()
}

const words = array(integer({ min: 0, max: 1e9 }), { minLength: 5, maxLength: 60 }).map((all) =>
  all.map((one) => `w${one}`).join(' '),
)

test('however many of its last words a model repeats, and however they come, they stand once', () => {
  assert(
    property(
      record({
        text: words,
        cut: integer({ min: 1, max: 400 }),
        back: integer({ min: 8, max: 300 }),
        size: integer({ min: 1, max: 50 }),
      }),
      (run) => {
        const cut = Math.min(run.cut, run.text.length)
        // What is shorter than the least repeat counts as new.
        const repeated = Math.min(run.back, cut)
        const from = repeated < 8 ? cut : cut - repeated
        expect(join(run.text.slice(0, cut), run.text.slice(from), run.size)).toBe(run.text)
      },
    ),
  )
})

test('an engine that gives back all it was given is not heard twice', () => {
  assert(
    property(words, words, integer({ min: 1, max: 30 }), (said, more, size) => {
      expect(join(`${said}. `, `${said}. ${more}`, size)).toBe(`${said}. ${more}`)
    }),
  )
})

test('what repeats nothing is joined as it is, and nothing is ever lost but a repeat', () => {
  assert(
    property(
      string({ maxLength: 200 }),
      string({ maxLength: 200 }),
      integer({ min: 1, max: 20 }),
      (said, more, size) => {
        const text = join(said, more, size)
        expect(text.startsWith(said)).toBe(true)
        expect(more.endsWith(text.slice(said.length))).toBe(true)
      },
    ),
  )
  assert(
    property(lorem({ maxCount: 20 }), constantFrom(1, 7), (said, size) => {
      expect(join(said, ' #go on', size)).toBe(`${said} #go on`)
    }),
  )
})

test('it depends on the text alone, not on where it was cut', () => {
  assert(
    property(
      array(constantFrom('la ', 'li ', '\n', 'lala')),
      array(constantFrom('la ', 'li ', '\n', 'lala')),
      integer({ min: 1, max: 9 }),
      (said, more, size) => {
        expect(join(said.join(''), more.join(''), size)).toBe(join(said.join(''), more.join(''), 1))
      },
    ),
  )
})

test('a space that a template took away is not doubled by the model that says it again', () => {
  expect(join('One, two, ', ' three', 3)).toBe('One, two, three')
})
