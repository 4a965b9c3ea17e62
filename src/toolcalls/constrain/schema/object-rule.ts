import { asSchema, type Schema } from '../../values/schema-types.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { optionalMembers } from '../rules/optional-members.ts'
import { type SchemaPlace, within } from './schema-place.ts'

/** Members in the schema's order, those that are required first, and behind them others where the schema asks for some. */
export function objectRule(own: Schema, place: SchemaPlace): string {
  const { rules, notation, name } = place
  const properties = Object.keys(asSchema(own['properties']) ?? {})
  const { additionalProperties } = own
  const isOpen = additionalProperties !== undefined && additionalProperties !== false
  if (properties.length > propertiesMax) return notation.any(rules, 'object')
  if (properties.length === 0) return additionalProperties === false ? '"{" "}"' : mapRule(own, place)
  const ws = jsonRule(rules, 'ws')
  const comma = `${ws} "," ${ws}`
  const { first, optional } = membersOf(own, place)
  const others = isOpen ? otherMember(own, place, [...properties, ...namesOf(own['required'])]) : undefined
  const rest = optionalMembers(rules, optional, { name, comma, others })
  const inner = first.length === 0 ? rest.alone : `${first.join(` ${comma} `)} ${rest.after}`
  return rules.add(name, `"{" ${ws} ${inner} ${ws} "}"`)
}

const propertiesMax = 200

function namesOf(required: unknown): readonly string[] {
  return Array.isArray(required) ? required.filter((key) => typeof key === 'string') : []
}

/** A name that is required and has no schema of its own may be anything. */
function membersOf(own: Schema, place: SchemaPlace): { readonly first: string[]; readonly optional: string[] } {
  const properties = asSchema(own['properties']) ?? {}
  const required = namesOf(own['required'])
  const keys = [...new Set([...Object.keys(properties), ...required])]
  const written = keys.map((key) => ({
    isRequired: required.includes(key),
    rule: member(place, { key, schema: asSchema(properties[key]) ?? {} }),
  }))
  return {
    first: written.filter(({ isRequired }) => isRequired).map(({ rule }) => rule),
    optional: written.filter(({ isRequired }) => !isRequired).map(({ rule }) => rule),
  }
}

function member(place: SchemaPlace, { key, schema }: { readonly key: string; readonly schema: Schema }): string {
  const ws = jsonRule(place.rules, 'ws')
  return `${place.notation.key(key)} ${ws} ":" ${ws} ${place.ruleFor(schema, within(place, key))}`
}

/** A member that the schema does not name, which it must not give another meaning. */
function otherMember(own: Schema, place: SchemaPlace, names: readonly string[]): string {
  const { rules, notation, name } = place
  const ws = jsonRule(rules, 'ws')
  const key = notation.otherKey(rules, names)
  return rules.add(`${name}-other`, `${key} ${ws} ":" ${ws} ${otherValue(own, place)}`)
}

function otherValue(own: Schema, place: SchemaPlace): string {
  const schema = asSchema(own['additionalProperties'])
  if (schema === undefined) return place.notation.any(place.rules, 'value')
  return place.ruleFor(schema, within(place, 'value'))
}

/** Any names, but for those that have to be there, with values of one schema. */
function mapRule(own: Schema, place: SchemaPlace): string {
  const { rules, notation, name } = place
  const required = namesOf(own['required'])
  if (required.length === 0 && asSchema(own['additionalProperties']) === undefined) return notation.any(rules, 'object')
  const ws = jsonRule(rules, 'ws')
  const comma = `${ws} "," ${ws}`
  const value = otherValue(own, place)
  const first = required.map((key) => `${notation.key(key)} ${ws} ":" ${ws} ${value}`)
  const key = required.length === 0 ? notation.anyKey(rules) : notation.otherKey(rules, required)
  const more = rules.add(`${name}-member`, `${key} ${ws} ":" ${ws} ${value}`)
  const inner =
    first.length === 0 ? `( ${more} ( ${comma} ${more} )* )?` : `${first.join(` ${comma} `)} ( ${comma} ${more} )*`
  return rules.add(name, `"{" ${ws} ${inner} ${ws} "}"`)
}
