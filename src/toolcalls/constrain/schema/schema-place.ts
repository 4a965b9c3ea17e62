import type { Schema } from '../../values/schema-types.ts'
import type { GrammarRules } from '../rules/grammar-rules.ts'
import type { Notation } from '../notations/notation.ts'

/** Where in a schema a rule is made. */
export interface SchemaPlace {
  readonly rules: GrammarRules
  readonly notation: Notation
  /** What references point into. */
  readonly root: Schema
  /** By which the rule is known. */
  readonly name: string
  readonly depth: number
  /** Makes the rule for a schema within. */
  readonly ruleFor: (schema: Schema, place: SchemaPlace) => string
}

/** A step further in. */
export function within(place: SchemaPlace, step: string): SchemaPlace {
  return { ...place, name: `${place.name}-${step}`, depth: place.depth + 1 }
}
