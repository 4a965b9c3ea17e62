import { coerceText, parseJson } from '../values/coerce-text.ts'
import {
  asSchema,
  jsonTypeOf,
  memberSchema,
  resolved,
  typesOf,
  type JsonType,
  type Schema,
} from '../values/schema-types.ts'

/** Where a value stands, and the list that gets the path of each that was changed. */
export interface CoercionTrace {
  readonly path: string
  readonly repairs: string[]
}

/** The value as its schema asks for it, where the change loses nothing: `"5"` is 5, `5` is `"5"`, `"[1]"` is a list. */
export function coerceValue(
  value: unknown,
  schema: Schema | undefined,
  root: Schema,
  trace: CoercionTrace,
  depth = 0,
): unknown {
  if (schema === undefined || depth > depthMax) return value
  const types = typesOf(schema, root)
  const own = jsonTypeOf(value)
  if (types.length > 0 && !fits(own, types)) {
    const turned = turnedInto(value, types, schema, root)
    if (turned === undefined) return value
    trace.repairs.push(trace.path === '' ? 'arguments' : trace.path)
    return turned.value
  }
  if (Array.isArray(value)) {
    const items = asSchema(resolved(schema, root)['items'])
    return items === undefined
      ? value
      : value.map((item: unknown, index) => coerceValue(item, items, root, below(trace, String(index)), depth + 1))
  }
  const members = asSchema(value)
  if (members === undefined) return value
  return Object.fromEntries(
    Object.entries(members).map(([key, member]) => [
      key,
      coerceValue(member, memberSchema(schema, key, root), root, below(trace, key), depth + 1),
    ]),
  )
}

const depthMax = 32

function below({ path, repairs }: CoercionTrace, key: string): CoercionTrace {
  return { path: path === '' ? key : `${path}.${key}`, repairs }
}

export function fits(own: JsonType, types: readonly JsonType[]): boolean {
  return types.includes(own) || (own === 'integer' && types.includes('number'))
}

function turnedInto(
  value: unknown,
  types: readonly JsonType[],
  schema: Schema,
  root: Schema,
): { readonly value: unknown } | undefined {
  if (typeof value === 'string') {
    const turned = parseJson(coerceText(value, schema, root))
    if (fits(jsonTypeOf(turned), types)) return { value: turned }
  }
  if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return { value: String(value) }
  if (types.includes('array') && jsonTypeOf(value) !== 'null') {
    const items = typesOf(asSchema(resolved(schema, root)['items']), root)
    return items.length > 0 && fits(jsonTypeOf(value), items) ? { value: [value] } : undefined
  }
  if (types.includes('boolean') && (value === 0 || value === 1)) return { value: value === 1 }
  return undefined
}
