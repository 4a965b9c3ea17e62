import { rawAlphabet } from '../rules/alphabet.ts'
import { type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonNotation } from './json-notation.ts'
import { anyOfNotation, type Notation } from './notation.ts'
import { letters, otherKey } from '../rules/other-key.ts'
import { textLimits } from '../rules/text-limits.ts'
import { untilRule } from '../rules/until-rule.ts'

/**
 * Text between raw quotes, in which nothing is escaped, and keys without any.
 *
 * @param closings what ends the whole call wherever it stands, so that no text may hold it
 */
export function braceNotation(rawQuote: string, closings: readonly string[]): Notation {
  const quote = literal(rawQuote)
  const key = (name: string): string => (isBareKey(name) ? literal(name) : `${quote} ${literal(name)} ${quote}`)
  const notation: Notation = {
    ...jsonNotation,
    id: 'brace',
    text: (rules, schema) => {
      const limits = textLimits(rules, schema, rawAlphabet([rawQuote, ...closings]))
      return limits === undefined
        ? `${quote} ${untilRule(rules, rawQuote, { forbidden: closings })}`
        : rules.add('text', `${quote} ${limits} ${quote}`)
    },
    constant: (rules, value) => constantOf(rules, value),
    key,
    anyKey: () => '[a-zA-Z_] [a-zA-Z0-9_-]{0,60}',
    otherKey: (rules, names) => otherKey(rules, names, { end: '""', first: letters }),
    any: (rules, kind) => anyOfNotation(rules, notation, kind),
  }
  const constantOf = (rules: GrammarRules, value: unknown): string => {
    if (typeof value === 'string') return `${quote} ${literal(value)} ${quote}`
    if (Array.isArray(value)) return `"[" ${value.map((item) => constantOf(rules, item)).join(' "," ')} "]"`
    if (typeof value !== 'object' || value === null) return literal(JSON.stringify(value))
    const members = Object.entries(value).map(([name, member]) => `${key(name)} ":" ${constantOf(rules, member)}`)
    return `"{" ${members.join(' "," ')} "}"`
  }
  return notation
}

function isBareKey(name: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$.-]*$/u.test(name)
}
