export type Schema = Readonly<Record<string, unknown>>

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array'

/** A schema, if this value is one. `true` and the absent schema allow everything, as `{}` does. */
export function asSchema(value: unknown): Schema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : undefined
}

/** Follows `#/$defs/…` and `#/definitions/…`; what points elsewhere allows everything. */
export function resolved(schema: Schema, root: Schema): Schema {
  let current = schema
  for (let hops = 0; hops < hopsMax && typeof current['$ref'] === 'string'; hops++) {
    const [start, ...path] = current['$ref'].split('/')
    if (start !== '#') return {}
    let target: unknown = root
    for (const step of path) target = asSchema(target)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
    current = asSchema(target) ?? {}
  }
  return typeof current['$ref'] === 'string' ? {} : current
}

/** Definitions that point to each other in a ring must end. */
const hopsMax = 8

/** The types a value of this schema may have, in the order in which the schema names them; empty when it does not say. */
export function typesOf(schema: Schema | undefined, root: Schema, depth = 0): readonly JsonType[] {
  if (schema === undefined || depth > hopsMax) return []
  const own = resolved(schema, root)
  const { type, enum: choices } = own
  const named = (Array.isArray(type) ? type : [type]).filter(isJsonType)
  if (named.length > 0) return own['nullable'] === true ? [...named, 'null'] : named
  if (Array.isArray(choices)) return [...new Set(choices.map(jsonTypeOf))]
  if ('const' in own) return [jsonTypeOf(own['const'])]
  const branches = [own['anyOf'], own['oneOf'], own['allOf']].flatMap((list): unknown[] =>
    Array.isArray(list) ? list : [],
  )
  const types = branches.flatMap((branch) => typesOf(asSchema(branch), root, depth + 1))
  if (types.length > 0) return [...new Set(types)]
  if (asSchema(own['properties']) !== undefined) return ['object']
  return own['items'] === undefined ? [] : ['array']
}

/** What an object's own schema says of a member. */
export function memberSchema(schema: Schema, name: string, root: Schema): Schema | undefined {
  const own = resolved(schema, root)
  const properties = asSchema(own['properties'])
  return properties !== undefined && Object.hasOwn(properties, name)
    ? asSchema(properties[name])
    : asSchema(own['additionalProperties'])
}

/** Of a union, that of the first branch that knows the name: enough to read a text, not to say what is wrong. */
export function propertySchema(schema: Schema | undefined, name: string, root: Schema): Schema | undefined {
  return firstIn(schema, root, (own) => memberSchema(own, name, root))
}

/** Of a union, that of the first branch that is a list. */
export function itemsSchema(schema: Schema | undefined, root: Schema): Schema | undefined {
  return firstIn(schema, root, (own) => asSchema(own['items']))
}

/** Looks into a schema, then into the branches that it is made of. */
function firstIn(
  schema: Schema | undefined,
  root: Schema,
  look: (own: Schema) => Schema | undefined,
  depth = 0,
): Schema | undefined {
  if (schema === undefined || depth > hopsMax) return undefined
  const own = resolved(schema, root)
  const found = look(own)
  if (found !== undefined) return found
  for (const branches of [own['allOf'], own['anyOf'], own['oneOf']]) {
    if (!Array.isArray(branches)) continue
    for (const branch of branches) {
      const within = firstIn(asSchema(branch), root, look, depth + 1)
      if (within !== undefined) return within
    }
  }
  return undefined
}

export function jsonTypeOf(value: unknown): JsonType {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    default:
      return 'object'
  }
}

function isJsonType(value: unknown): value is JsonType {
  return typeof value === 'string' && jsonTypes.has(value)
}

const jsonTypes: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'])
