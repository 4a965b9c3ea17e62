import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { CustomInput, customInputOf } from '../../../src/dialects/openai-responses/custom-input.ts'
import { customArguments } from '../../../src/dialects/openai-responses/custom-tool.ts'

const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed())

/** As JSON may write it: escapes are a matter of taste. */
const escapedInput = (value: string): string =>
  `{ "input" : "${Array.from(value, (character) =>
    Array.from(
      { length: character.length },
      (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
    ).join(''),
  ).join('')}" }`

const argumentsText = fc.oneof(
  text.map(customArguments),
  text.map(escapedInput),
  text,
  text.map((value) => JSON.stringify(value)),
)

test('the text of a call is read back as it was, however it is escaped', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(customInputOf(customArguments(value))).toBe(value)
      expect(customInputOf(escapedInput(value))).toBe(value)
    }),
  )
})

test('wherever arguments are cut, the pieces add up to the same text, and none is half a character', () => {
  fc.assert(
    fc.property(argumentsText, fc.array(fc.nat(), { maxLength: 6 }), (whole, cuts) => {
      const input = new CustomInput()
      const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((one, other) => one - other), whole.length]
      const pieces = at.slice(1).map((end, index) => input.push(whole.slice(at[index], end)))
      expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
      expect(pieces.join('') + input.end()).toBe(customInputOf(whole))
    }),
  )
})

test.for([
  ['bare text', '*** Begin Patch\n+a', '*** Begin Patch\n+a'],
  ['a JSON string', '"a\\nb"', 'a\nb'],
  ['an argument of another name', '{"patch":"a\\nb"}', 'a\nb'],
  ['input after another argument', '{"reason":"because","input":"a"}', 'a'],
  ['real line breaks inside', '{"input":"a\nb"}', 'a\nb'],
  ['an escape that is none', '{"input":"a\\qb"}', 'a\\qb'],
  ['an end that never comes', '{"input":"a\\nb', 'a\nb'],
  ['nothing', '', ''],
] as const)('a model that writes %s is understood', ([, written, meant]) => {
  expect(customInputOf(written)).toBe(meant)
})
