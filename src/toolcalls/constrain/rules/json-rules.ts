import type { GrammarRules } from './grammar-rules.ts'

/**
 * The rules of JSON, as far as somebody refers to them. White space and digits are bounded: a model that is held to a
 * grammar may otherwise write them for ever.
 */
export function jsonRule(rules: GrammarRules, name: JsonRule): JsonRule {
  if (rules.has(name)) return name
  rules.define(name, bodies[name].body)
  for (const need of bodies[name].needs) jsonRule(rules, need)
  return name
}

export type JsonRule = 'ws' | 'string' | 'character' | 'integer' | 'number' | 'boolean' | 'null' | Compound

type Compound = 'value' | 'member' | 'object' | 'array'

const bodies: Readonly<Record<JsonRule, { readonly body: string; readonly needs: readonly JsonRule[] }>> = {
  ws: { body: String.raw`( " " | "\n" [ \t]{0,20} )?`, needs: [] },
  string: { body: String.raw`"\"" character* "\""`, needs: ['character'] },
  character: {
    body: String.raw`[^"\\\x7F\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F]{4} )`,
    needs: [],
  },
  integer: { body: '"-"? ( "0" | [1-9] [0-9]{0,15} )', needs: [] },
  number: { body: 'integer ( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,2} )?', needs: ['integer'] },
  boolean: { body: '"true" | "false"', needs: [] },
  null: { body: '"null"', needs: [] },
  value: {
    body: 'object | array | string | number | boolean | null',
    needs: ['object', 'array', 'string', 'number', 'boolean', 'null'],
  },
  member: { body: 'string ws ":" ws value', needs: ['string', 'ws', 'value'] },
  object: { body: '"{" ws ( member ( ws "," ws member )* )? ws "}"', needs: ['member', 'ws'] },
  array: { body: '"[" ws ( value ( ws "," ws value )* )? ws "]"', needs: ['value', 'ws'] },
}
