import type { Schema } from '../../values/schema-types.ts'
import type { Alphabet } from './alphabet.ts'
import type { GrammarRules } from './grammar-rules.ts'
import { patternRule } from './pattern-rule.ts'

/**
 * What stands between the quotes of a text that its schema limits; `undefined` where it says nothing, or nothing that a
 * grammar of some size can say. Of a pattern, a format and lengths the first counts that there is: the others are checked in
 * what was written.
 */
export function textLimits(rules: GrammarRules, schema: Schema, alphabet: Alphabet): string | undefined {
  const { pattern, format } = schema
  const ofPattern = typeof pattern === 'string' ? patternRule(rules, pattern, alphabet) : undefined
  if (ofPattern !== undefined) return ofPattern
  const known = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined
  const ofFormat = known === undefined ? undefined : patternRule(rules, known, alphabet)
  return ofFormat ?? lengthRule(rules, schema, alphabet)
}

function lengthRule(rules: GrammarRules, { minLength, maxLength }: Schema, { any }: Alphabet): string | undefined {
  const least = typeof minLength === 'number' && minLength > 0 && minLength <= countMax ? Math.ceil(minLength) : 0
  const most = typeof maxLength === 'number' && maxLength >= least && maxLength <= countMax ? Math.floor(maxLength) : ''
  return least === 0 && most === '' ? undefined : `${any(rules)}{${least},${most}}`
}

/** Builders write a counted part out that many times. */
const countMax = 256

const day = String.raw`\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))`
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)`
const byte = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
const label = '[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,8}'

/** The formats of JSON Schema that tools use, as patterns. Leap days are left out: which there are is no matter of form. */
const formats: Readonly<Record<string, string>> = {
  date: `^${day}$`,
  time: `^${time}$`,
  'date-time': `^${day}T${time}$`,
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  ipv4: String.raw`^${byte}(?:\.${byte}){3}$`,
  email: String.raw`^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+){0,8}@${label}(?:\.${label}){0,8}\.[A-Za-z]{2,20}$`,
  hostname: String.raw`^${label}(?:\.${label}){0,8}$`,
  uri: "^[a-z][a-z0-9+.-]{0,20}:(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._~:/?#@!$&'()*+,;=-])+$",
}
