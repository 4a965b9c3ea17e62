import { assert, constantFrom, infiniteStream, integer, nat, property } from 'fast-check'
import { expect, test } from 'vitest'

import { jsonAlphabet, rawAlphabet } from '../../../../src/toolcalls/constrain/rules/alphabet.ts'
import { GrammarRules } from '../../../../src/toolcalls/constrain/rules/grammar-rules.ts'
import { integerRule, numberRule } from '../../../../src/toolcalls/constrain/rules/number-rule.ts'
import { patternRule } from '../../../../src/toolcalls/constrain/rules/pattern-rule.ts'
import { sampleGrammar } from '../../../support/toolcalls/sample-grammar.ts'

const draws = infiniteStream(nat()).map((numbers) => (below: number) => {
  const { value } = numbers.next()
  return typeof value === 'number' ? value % below : 0
})

const patterns = [
  '^[a-z]+$',
  String.raw`^\d{3}-\d{2,4}$`,
  '^(?:a|bc|def)*$',
  String.raw`^https?://[^\s/$.?#][^\s]*$`,
  String.raw`^\w+@\w+\.\w{2,}$`,
  String.raw`^"[^"\\]*"$`,
  String.raw`(foo|bar)\s?baz`,
  '^[^<>&]{1,5}$',
  String.raw`^[\d.,-]+$`,
  '^.?x.{0,3}$',
  String.raw`^(?<year>\d{4})/\S*$`,
  String.raw`^\u00e9[\x41-\x43]?$`,
]

test('what the rule of a pattern allows, the pattern finds: within quotes, and as it stands', () => {
  assert(
    property(draws, constantFrom(...patterns), constantFrom('json', 'raw'), (draw, pattern, kind) => {
      const rules = new GrammarRules()
      const rule = patternRule(rules, pattern, kind === 'json' ? jsonAlphabet : rawAlphabet(['<']))
      const said = sampleGrammar(rules.text(rule ?? ''), draw)
      const text: unknown = kind === 'json' ? JSON.parse(`"${said}"`) : said
      expect(text).toMatch(new RegExp(pattern, 'u'))
    }),
  )
})

test.each(['(?=a)b', String.raw`(a)\1`, String.raw`\bword\b`, 'a^b', '(', '[z-a]', 'x{9999}', String.raw`\p{L}+`])(
  '%s is left to be checked, since no grammar says it',
  (pattern) => {
    expect(patternRule(new GrammarRules(), pattern, jsonAlphabet)).toBeUndefined()
  },
)

test('whole numbers are within their bounds, and each of few can be said', () => {
  assert(
    property(draws, integer({ min: -2000, max: 2000 }), nat(3000), (draw, minimum, width) => {
      const rules = new GrammarRules()
      const maximum = minimum + width
      const said = Number(sampleGrammar(rules.text(integerRule(rules, { minimum, maximum })), draw))
      expect(said).toBeGreaterThanOrEqual(minimum)
      expect(said).toBeLessThanOrEqual(maximum)
    }),
  )
  const rules = new GrammarRules()
  const grammar = rules.text(integerRule(rules, { minimum: -2, maximum: 11 }))
  const said = new Set(
    Array.from({ length: 4000 }, (_, seed) => {
      let at = seed
      return Number(sampleGrammar(grammar, (below) => (at = (at * 31 + 7) % 9973) % below))
    }),
  )
  expect([...said].toSorted((one, other) => one - other)).toEqual([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('other numbers are within theirs, and never on one that is excluded', () => {
  assert(
    property(draws, integer({ min: -20, max: 20 }), integer({ min: 1, max: 30 }), (draw, low, width) => {
      const rules = new GrammarRules()
      const schema = { exclusiveMinimum: low, exclusiveMaximum: low + width }
      const said = Number(sampleGrammar(rules.text(numberRule(rules, schema)), draw))
      expect(said).toBeGreaterThan(low)
      expect(said).toBeLessThan(low + width)
    }),
  )
})
