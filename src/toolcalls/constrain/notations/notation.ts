import type { Schema } from '../../values/schema-types.ts'
import type { GrammarRules } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'

/** How values are written where it is not as in JSON. All notations have its brackets, commas and colons. */
export interface Notation {
  /** Goes into names of rules. */
  readonly id: string
  readonly text: (rules: GrammarRules, schema: Schema) => string
  readonly constant: (rules: GrammarRules, value: unknown) => string
  readonly boolean: (rules: GrammarRules) => string
  readonly null: (rules: GrammarRules) => string
  readonly key: (name: string) => string
  readonly anyKey: (rules: GrammarRules) => string
  /** Any key but these. */
  readonly otherKey: (rules: GrammarRules, names: readonly string[]) => string
  /** Whatever may stand where the schema says nothing. */
  readonly any: (rules: GrammarRules, kind: AnyKind) => string
}

export type AnyKind = 'value' | 'object' | 'array'

/** Any value, made of a notation's own parts. */
export function anyOfNotation(rules: GrammarRules, notation: Notation, kind: AnyKind): string {
  const name = (of: string): string => `any-${notation.id}-${of}`
  if (rules.has(name(kind))) return name(kind)
  const ws = jsonRule(rules, 'ws')
  const more = (item: string): string => `( ${item} ( ${ws} "," ${ws} ${item} )* )? ${ws}`
  const scalars = [notation.text(rules, {}), jsonRule(rules, 'number'), notation.boolean(rules), notation.null(rules)]
  rules.define(name('value'), [name('object'), name('array'), ...scalars].join(' | '))
  rules.define(name('member'), `${notation.anyKey(rules)} ${ws} ":" ${ws} ${name('value')}`)
  rules.define(name('object'), `"{" ${ws} ${more(name('member'))} "}"`)
  rules.define(name('array'), `"[" ${ws} ${more(name('value'))} "]"`)
  return name(kind)
}
