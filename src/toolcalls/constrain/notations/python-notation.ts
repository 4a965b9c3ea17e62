import { jsonAlphabet } from '../rules/alphabet.ts'
import { anyOf, type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonNotation } from './json-notation.ts'
import { anyOfNotation, type Notation } from './notation.ts'
import { textLimits } from '../rules/text-limits.ts'

/** Text between quotes of either kind, escaped as in JSON; `True`, `False` and `None`. Values of JSON are written as well. */
export const pythonNotation: Notation = {
  ...jsonNotation,
  id: 'python',
  text: (rules, schema) => {
    const json = jsonNotation.text(rules, schema)
    const isLimited = textLimits(rules, schema, jsonAlphabet) !== undefined
    return isLimited ? json : rules.add('python-text', `${json} | "'" ${inSingleQuotes} "'"`)
  },
  constant: pythonConstant,
  boolean: () => '( "True" | "False" | "true" | "false" )',
  null: () => '( "None" | "null" )',
  key: (name) => eitherQuotes(name),
  anyKey: (rules) => pythonNotation.text(rules, {}),
  any: (rules, kind) => anyOfNotation(rules, pythonNotation, kind),
}

const inSingleQuotes = String.raw`( [^'\\\x7F\x00-\x1F] | "\\" ( ["'\\/nrt] | "u" [0-9a-fA-F]{4} ) )*`

function pythonConstant(rules: GrammarRules, value: unknown): string {
  if (value === true) return '( "True" | "true" )'
  if (value === false) return '( "False" | "false" )'
  if (value === null) return pythonNotation.null(rules)
  return typeof value === 'string' ? eitherQuotes(value) : literal(JSON.stringify(value))
}

function eitherQuotes(text: string): string {
  const json = JSON.stringify(text)
  // What has to be escaped is left to double quotes.
  return anyOf([literal(json), ...(json === `"${text}"` && !text.includes("'") ? [literal(`'${text}'`)] : [])])
}
