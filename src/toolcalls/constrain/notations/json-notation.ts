import { jsonAlphabet } from '../rules/alphabet.ts'
import { literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { anyOfNotation, type Notation } from './notation.ts'
import { otherKey } from '../rules/other-key.ts'
import { textLimits } from '../rules/text-limits.ts'
import { untilRule } from '../rules/until-rule.ts'

export const jsonNotation: Notation = {
  id: 'json',
  text: (rules, schema) => {
    const limits = textLimits(rules, schema, jsonAlphabet)
    return limits === undefined ? jsonRule(rules, 'string') : rules.add('text', `${quote} ${limits} ${quote}`)
  },
  constant: (_, value) => literal(JSON.stringify(value)),
  boolean: (rules) => jsonRule(rules, 'boolean'),
  null: (rules) => jsonRule(rules, 'null'),
  key: (name) => literal(JSON.stringify(name)),
  anyKey: (rules) => jsonRule(rules, 'string'),
  otherKey: (rules, names) => `${quote} ${otherKey(rules, names, { end: quote })}`,
  any: jsonRule,
}

/** JSON that stands before a marker which ends it wherever it comes, so that no text in it may hold that. */
export function jsonBefore(markers: readonly string[]): Notation {
  const notation: Notation = {
    ...jsonNotation,
    id: `json-${markers.map((marker) => Buffer.from(marker).toString('hex')).join('-')}`,
    text: (rules, schema) => {
      const limits = textLimits(rules, schema, jsonAlphabet)
      return limits === undefined
        ? `${quote} ${untilRule(rules, '"', { forbidden: markers, isEscaped: true })}`
        : rules.add('text', `${quote} ${limits} ${quote}`)
    },
    anyKey: () => `${quote} [a-zA-Z0-9_ .-]{1,40} ${quote}`,
    any: (rules, kind) => anyOfNotation(rules, notation, kind),
  }
  return notation
}

const quote = String.raw`"\""`
