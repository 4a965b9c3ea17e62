import { asSchema, resolved, typesOf, type JsonType, type Schema } from '../values/schema-types.ts'
import { anyOf, literal, type GrammarRules } from './grammar-rules.ts'
import { jsonRule } from './json-rules.ts'

/**
 * A rule for JSON of this schema. Keywords that builders of grammars stumble over (patterns, formats, lengths, bounds, and
 * what says "not") are left out: what they forbid may be written, and is found when the reply is checked. Members come in
 * the schema's order, those that are required first.
 */
export function schemaRule(rules: GrammarRules, schema: Schema, root: Schema, name: string, depth = 0): string {
  if (depth > depthMax) return jsonRule(rules, 'value')
  const own = resolved(schema, root)
  const choices = choicesOf(own)
  if (choices !== undefined) return rules.add(name, anyOf(choices.map((choice) => literal(JSON.stringify(choice)))))
  const branches = branchesOf(own)
  if (branches.length > 0) {
    const written = branches.map((branch, at) => schemaRule(rules, branch, root, `${name}-${at}`, depth + 1))
    return rules.add(name, anyOf(written))
  }
  const types = typesOf(own, root)
  if (types.length === 0) return jsonRule(rules, 'value')
  const written = types.map((type) => typeRule({ rules, own, root, name, depth }, type))
  return written.length === 1 ? (written[0] ?? '') : rules.add(name, anyOf(written))
}

/** Deeper, anything goes: definitions may hold themselves. */
const depthMax = 8

function choicesOf({ enum: choices, const: only }: Schema): readonly unknown[] | undefined {
  if (only !== undefined) return [only]
  return Array.isArray(choices) && choices.length > 0 && choices.length <= choicesMax ? choices : undefined
}

const choicesMax = 200

function branchesOf({ anyOf: some, oneOf: one }: Schema): readonly Schema[] {
  const list: readonly unknown[] = Array.isArray(some) ? some : Array.isArray(one) ? one : []
  const branches = list.map(asSchema).filter((branch) => branch !== undefined)
  return branches.length === list.length ? branches : []
}

interface Place {
  readonly rules: GrammarRules
  readonly own: Schema
  readonly root: Schema
  readonly name: string
  readonly depth: number
}

function typeRule(place: Place, type: JsonType): string {
  switch (type) {
    case 'object':
      return objectRule(place)
    case 'array':
      return arrayRule(place)
    default:
      return jsonRule(place.rules, type)
  }
}

function arrayRule({ rules, own, root, name, depth }: Place): string {
  const items = asSchema(own['items'])
  if (items === undefined) return jsonRule(rules, 'array')
  const item = schemaRule(rules, items, root, `${name}-item`, depth + 1)
  const ws = jsonRule(rules, 'ws')
  return rules.add(name, `"[" ${ws} ( ${item} ( ${ws} "," ${ws} ${item} )* )? ${ws} "]"`)
}

function objectRule({ rules, own, root, name, depth }: Place): string {
  const properties = Object.entries(asSchema(own['properties']) ?? {})
  const isOpen = own['additionalProperties'] !== undefined && own['additionalProperties'] !== false
  const others = asSchema(own['additionalProperties'])
  if (properties.length === 0 && others !== undefined) return mapRule({ rules, own: others, root, name, depth })
  // Members that come in an order, and between them any others, would be any members.
  if (properties.length === 0 || properties.length > propertiesMax || isOpen) return jsonRule(rules, 'object')
  const ws = jsonRule(rules, 'ws')
  const required = new Set(Array.isArray(own['required']) ? own['required'] : [])
  const members = properties.map(([key, value]) => ({
    isRequired: required.has(key),
    rule: `${literal(JSON.stringify(key))} ${ws} ":" ${ws} ${schemaRule(rules, asSchema(value) ?? {}, root, `${name}-${key}`, depth + 1)}`,
  }))
  const comma = `${ws} "," ${ws}`
  const first = members.filter(({ isRequired }) => isRequired).map(({ rule }) => rule)
  const optional = members.filter(({ isRequired }) => !isRequired).map(({ rule }) => rule)
  const rest = optionalMembers(rules, optional, { name, comma })
  const inner = first.length === 0 ? rest.alone : `${first.join(` ${comma} `)} ${rest.after}`
  return rules.add(name, `"{" ${ws} ${inner} ${ws} "}"`)
}

const propertiesMax = 200

/** Any names, with values of one schema. */
function mapRule({ rules, own, root, name, depth }: Place): string {
  const ws = jsonRule(rules, 'ws')
  const value = schemaRule(rules, own, root, `${name}-value`, depth + 1)
  const member = rules.add(`${name}-member`, `${jsonRule(rules, 'string')} ${ws} ":" ${ws} ${value}`)
  return rules.add(name, `"{" ${ws} ( ${member} ( ${ws} "," ${ws} ${member} )* )? ${ws} "}"`)
}

/** Each of them or not, in their order: `alone` where nothing stands before, `after` with a comma before each. */
function optionalMembers(
  rules: GrammarRules,
  members: readonly string[],
  { name, comma }: { readonly name: string; readonly comma: string },
): { readonly alone: string; readonly after: string } {
  let after = ''
  const starts: string[] = []
  for (const member of members.toReversed()) {
    starts.unshift(`${member} ${after}`.trim())
    after = `( ${comma} ${member} )? ${after}`.trim()
    // Said once for each that may stand before it.
    if (after.length > inlineMax) after = rules.add(`${name}-rest`, after)
  }
  return { after, alone: starts.length === 0 ? '' : `( ${starts.join(' | ')} )?` }
}

const inlineMax = 200
