import { array, assert, constantFrom, integer, lorem, nat, pre, property, record, string, tuple } from 'fast-check'
import { expect, test } from 'vitest'

import { type HowContinued, JoinedText } from '../../../src/toolcalls/reply/joined-text.ts'
import { lastWords } from '../../../src/toolcalls/reply/last-words.ts'

function join(said: string, more: string, size: number, how: HowContinued = 'asked'): string {
  const joined = new JoinedText(said, how)
  let text = said
  for (let at = 0; at < more.length; at += size) text += joined.push(more.slice(at, at + size))
  return text + joined.end()
}

/** No word stands twice, so that nothing but a repeat looks like one. */
const words = array(integer({ min: 0, max: 1e9 }), { minLength: 8, maxLength: 60 }).map((all) =>
  all.map((one, at) => `${lettersOf(one)}${lettersOf(at)}`),
)
const prose = tuple(words, array(constantFrom(' ', ' ', ' ', ', ', '. ', '\n', '\n\n'))).map(([all, gaps]) =>
  all.map((word, at) => word + (gaps[at % Math.max(1, gaps.length)] ?? ' ')).join(''),
)
const code = words.map((all) => all.map((word, at) => `${' '.repeat((at % 3) * 2)}${word} = f(${at})\n`).join(''))

function lettersOf(number: number): string {
  return Array.from(number.toString(26), (digit) => String.fromCodePoint(97 + parseInt(digit, 26))).join('')
}

function solidLength(text: string): number {
  return text.replaceAll(/\s/g, '').length
}

/** A text, cut anywhere but where hardly anything was said, and how the rest of it comes. */
const cuts = record({ text: prose, cut: nat(), size: integer({ min: 1, max: 50 }) }).map(({ text, cut, size }) => {
  const said = text.slice(0, 13 + (cut % (text.length - 13)))
  // What the model is shown.
  const shown = said.trimEnd()
  return { text, said, shown, rest: text.slice(shown.length), size }
})

test.each<[string, (cut: { shown: string; rest: string; text: string }) => string]>([
  ['goes on exactly', ({ rest }) => rest],
  ['begins with its last words, as it was asked to', ({ shown, rest }) => lastWords(shown) + rest],
  ['quotes its last words', ({ shown, rest }) => `"…${lastWords(shown)}${rest}`],
  ['remarks on it first', ({ shown, rest }) => `Sure, here is the rest of it:\n\n${lastWords(shown)}${rest}`],
  ['begins the whole answer anew', ({ text }) => text],
  ['begins anew with other white space', ({ shown, rest }) => `\n${shown.replaceAll(/\s+/g, '\n ')}${rest}`],
])('whoever %s, wherever the text was cut: it is the one that would have come without a cut', (_, model) => {
  assert(
    property(cuts, (cut) => {
      expect(join(cut.said, model(cut), cut.size)).toBe(cut.text)
    }),
  )
})

test('a sentence or a line that is begun anew stands once', () => {
  assert(
    property(cuts, ({ text, said, shown, size }) => {
      const start = Math.max(
        0,
        ...['. ', '\n'].map((end) => shown.lastIndexOf(end) + (shown.includes(end) ? end.length : 1)),
      )
      // Less than that may be new.
      const again = text.slice(solidLength(shown.slice(start)) < 8 ? shown.length : start)
      expect(join(said, again, size)).toBe(text)
    }),
  )
})

test('a word that was cut and is begun anew stands once', () => {
  for (const [said, more] of [
    ['The quick brown fox jumped', 'jumped over the dog.'],
    ['The quick brown fox jum', 'jumped over the dog.'],
    ['The quick brown fox jum', 'ped over the dog.'],
    ['The quick brown fox ', 'jumped over the dog.'],
    ['The quick brown fox', ' jumped over the dog.'],
  ] as const) {
    for (const size of [1, 3, 50]) expect(join(said, more, size)).toBe('The quick brown fox jumped over the dog.')
  }
  // It is not known to be one: the word itself goes round.
  expect(join('He said: haha', 'haha, no.', 4)).toBe('He said: hahahaha, no.')
  expect(join('0.333', '333, and so on', 2)).toBe('0.333333, and so on')
})

test('a fence that is opened again within code is left out, whatever stands behind it', () => {
  assert(
    property(code, nat(), integer({ min: 1, max: 30 }), constantFrom(0, 1, 2), (body, at, size, back) => {
      const text = `Here it is:\n\n\`\`\`python\n${body}\`\`\`\nThat is all.`
      const first = text.indexOf('\n', text.indexOf('python')) + 1
      const cut = first + (at % (body.length - 1)) + 1
      const said = text.slice(0, cut)
      const shown = said.trimEnd()
      const begun = [shown.length, shown.lastIndexOf('\n') + 1, first][back] ?? cut
      // Less than that is no line begun anew.
      const from = solidLength(shown.slice(begun)) < 3 ? shown.length : begun
      const again = text.slice(from)
      // `a` behind a fence and `a` is the code begun anew, as far as anybody can tell.
      pre(from < shown.length || !again.startsWith(shown.slice(first)))
      expect(join(said, `\`\`\`python\n${again}`, size)).toBe(text)
    }),
  )
  // This one may be the end of the code.
  expect(join('```python\nreturn 1', '\n```\nDone.', 2)).toBe('```python\nreturn 1\n```\nDone.')
})

test('who was given the beginning of a message repeats nothing by habit: lines that stand often are kept', () => {
  const row = '    } // the end of it\n'
  assert(
    property(integer({ min: 0, max: 6 }), nat(), integer({ min: 1, max: 30 }), (rows, at, size) => {
      const text = `first line of all\n${row.repeat(rows)}last line of all`
      const said = text.slice(0, 1 + (at % (text.length - 1)))
      expect(join(said, text.slice(said.trimEnd().length), size, 'begun')).toBe(text)
    }),
  )
})

test('an engine that gives back all it was given is not heard twice', () => {
  assert(
    property(cuts, ({ text, said, shown, size }) => {
      const again = shown.length < 24 ? text.slice(shown.length) : text
      expect(join(said, again, size, 'begun')).toBe(text)
    }),
  )
})

test('what repeats nothing is joined as it is, and nothing is ever lost but a repeat', () => {
  const any = string({ maxLength: 200 })
  assert(
    property(any, any, integer({ min: 1, max: 20 }), constantFrom('asked', 'begun'), (said, more, size, how) => {
      const text = join(said, more, size, how)
      expect(text.startsWith(said)).toBe(true)
      expect(more.endsWith(text.slice(said.length))).toBe(true)
    }),
  )
  assert(
    property(lorem({ maxCount: 20 }), constantFrom(1, 7), (said, size) => {
      expect(join(said, ' #go on', size)).toBe(`${said} #go on`)
    }),
  )
})

test('it depends on the text alone, not on where it was cut', () => {
  const pieces = array(constantFrom('la ', 'li ', '\n', 'lala', '```', '```js\n', '"', '…', 'So:\n', '.'), {
    maxLength: 40,
  })
  assert(
    property(pieces, pieces, integer({ min: 2, max: 9 }), constantFrom('asked', 'begun'), (said, more, size, how) => {
      expect(join(said.join(''), more.join(''), size, how)).toBe(join(said.join(''), more.join(''), 1, how))
    }),
  )
})

test('the words to begin with are the last of what was said, whole at their start, and enough of them', () => {
  assert(
    property(prose, (text) => {
      const last = lastWords(text)
      const said = text.trimEnd()
      expect(said.endsWith(last)).toBe(true)
      expect(last).not.toMatch(/^\s/)
      expect(said.slice(0, -last.length)).toMatch(/(^|\s)$/)
      expect(solidLength(last)).toBeGreaterThanOrEqual(Math.min(24, solidLength(said)))
    }),
  )
  expect(lastWords('一二三四五六七八九十'.repeat(5))).toHaveLength(24)
  expect(lastWords('x'.repeat(1_000)).length).toBeLessThanOrEqual(120)
})
