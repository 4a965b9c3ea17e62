import { asSchema, typesOf, type JsonType, type Schema } from '../../values/schema-types.ts'
import { arrayRule } from './array-rule.ts'
import { anyOf } from '../rules/grammar-rules.ts'
import { branchWith, mergedSchema } from './merged-schema.ts'
import { integerRule, numberRule } from '../rules/number-rule.ts'
import { objectRule } from './object-rule.ts'
import { type SchemaPlace, within } from './schema-place.ts'

/**
 * A rule for values of this schema. What no grammar of some size can say (patterns that look around, what is unique, what
 * says "not") is left out: what it forbids may be written, and is found when the reply is checked. Members come in the schema's order, those
 * that are required first.
 */
export function schemaRule(schema: Schema, parts: SchemaParts): string {
  return ruleFor(schema, { ...parts, depth: 0, ruleFor })
}

type SchemaParts = Pick<SchemaPlace, 'rules' | 'notation' | 'root' | 'name'>

function ruleFor(schema: Schema, place: SchemaPlace): string {
  const { rules, notation, root, name, depth } = place
  if (depth > depthMax) return notation.any(rules, 'value')
  // A definition may hold itself: it is spoken of by its name, before it is written.
  if (typeof schema['$ref'] === 'string' && Object.keys(schema).length === 1) {
    const target = mergedSchema(schema, root)
    return rules.once(target, `${notation.id}-${name}`, () => ruleOf(target, { ...place, depth: depth + 1 }))
  }
  return ruleOf(mergedSchema(schema, root), place)
}

/** Deeper, anything goes. */
const depthMax = 24

function ruleOf(own: Schema, place: SchemaPlace): string {
  const { rules, notation, root, name } = place
  const choices = choicesOf(own)
  if (choices !== undefined) {
    return rules.add(name, anyOf(choices.map((choice) => notation.constant(rules, choice))))
  }
  const branches = branchesOf(own)
  if (branches.length > 0) {
    const written = branches.map((branch, at) => ruleFor(branchWith(branch, own, root), within(place, String(at))))
    return rules.add(name, anyOf(written))
  }
  const types = typesOf(own, root)
  if (types.length === 0) return notation.any(rules, 'value')
  const written = types.map((type) => typeRule(own, type, place))
  return written.length === 1 ? (written[0] ?? '') : rules.add(name, anyOf(written))
}

/** The values that a schema leaves, where it counts them. */
export function choicesOf({ enum: choices, const: only }: Schema): readonly unknown[] | undefined {
  if (only !== undefined) return [only]
  return Array.isArray(choices) && choices.length > 0 && choices.length <= choicesMax ? choices : undefined
}

const choicesMax = 200

export function branchesOf({ anyOf: some, oneOf: one }: Schema): readonly Schema[] {
  const list: readonly unknown[] = Array.isArray(some) ? some : Array.isArray(one) ? one : []
  const branches = list.map(asSchema).filter((branch) => branch !== undefined)
  return branches.length === list.length ? branches : []
}

function typeRule(own: Schema, type: JsonType, place: SchemaPlace): string {
  const { rules, notation } = place
  switch (type) {
    case 'object':
      return objectRule(own, place)
    case 'array':
      return arrayRule(own, place)
    case 'integer':
      return integerRule(rules, own)
    case 'number':
      return numberRule(rules, own)
    case 'string':
      return notation.text(rules, own)
    case 'boolean':
      return notation.boolean(rules)
    case 'null':
      return notation.null(rules)
  }
}
