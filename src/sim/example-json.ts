import { isJsonObject, isString, listField, numberField, objectField, stringField } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'

/**
 * The smallest plain value that a JSON schema accepts. Knows types, `enum`, `const`, references, combinations, bounds
 * and the usual formats; a `pattern` or a `not` is beyond it and is passed over.
 */
export function exampleJson(schema: unknown): unknown {
  return exampleOf(schema, { root: isJsonObject(schema) ? schema : {}, depth: 0 })
}

interface Place {
  readonly root: JsonObject
  readonly depth: number
}

/** Deeper than this a schema is taken to refer to itself without end. */
const depthMax = 32

function exampleOf(given: unknown, place: Place): unknown {
  if (!isJsonObject(given) || place.depth > depthMax) return null
  const schema = resolve(given, place)
  const deeper = { ...place, depth: place.depth + 1 }
  if ('const' in schema) return schema['const']
  const choices = listField(schema, 'enum')
  if (choices) return choices[0] ?? null
  const variants = listField(schema, 'anyOf') ?? listField(schema, 'oneOf')
  if (variants) return exampleOf(merge(withoutVariants(schema), simplest(variants)), deeper)
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema, deeper)
    case 'array':
      return exampleArray(schema, deeper)
    case 'string':
      return exampleString(schema)
    case 'integer':
    case 'number':
      return exampleNumber(schema)
    case 'boolean':
      return true
    default:
      return null
  }
}

/** Follows `$ref` within the document and folds `allOf` into one schema. */
function resolve(schema: JsonObject, place: Place): JsonObject {
  let resolved = schema
  for (let hop = 0; hop < depthMax; hop += 1) {
    const { $ref: reference, ...beside } = resolved
    if (!isString(reference)) break
    resolved = merge(pointed(place.root, reference), beside)
  }
  const { allOf, ...rest } = resolved
  if (!Array.isArray(allOf)) return resolved
  return allOf.filter(isJsonObject).reduce<JsonObject>((all, part) => merge(all, resolve(part, place)), rest)
}

function pointed(root: JsonObject, reference: string): JsonObject {
  let value: unknown = root
  for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    value = isJsonObject(value) ? value[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  }
  return isJsonObject(value) ? value : {}
}

function merge(one: JsonObject, other: JsonObject): JsonObject {
  const required = [...(listField(one, 'required') ?? []), ...(listField(other, 'required') ?? [])]
  const properties = { ...objectField(one, 'properties'), ...objectField(other, 'properties') }
  return {
    ...one,
    ...other,
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
  }
}

function withoutVariants(schema: JsonObject): JsonObject {
  const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = schema
  return rest
}

/** A variant that does not refer elsewhere ends a schema that contains itself; `null` is the last thing wanted. */
function simplest(variants: readonly unknown[]): JsonObject {
  const objects = variants.filter(isJsonObject)
  const plain = objects.filter((variant) => !('$ref' in variant))
  return plain.find((variant) => variant['type'] !== 'null') ?? plain[0] ?? objects[0] ?? {}
}

function typeOf(schema: JsonObject): unknown {
  const { type } = schema
  if (Array.isArray(type)) return type.find((name) => name !== 'null') ?? 'null'
  if (type !== undefined) return type
  if ('items' in schema || 'prefixItems' in schema) return 'array'
  if ('minimum' in schema || 'maximum' in schema) return 'number'
  if ('minLength' in schema || 'maxLength' in schema || 'format' in schema) return 'string'
  return 'object'
}

function exampleObject(schema: JsonObject, place: Place): JsonObject {
  const properties = objectField(schema, 'properties') ?? {}
  const names = new Set((listField(schema, 'required') ?? []).filter(isString))
  const wanted = numberField(schema, 'minProperties') ?? 0
  for (const name of Object.keys(properties)) if (names.size < wanted) names.add(name)
  for (let index = 1; names.size < wanted; index += 1) names.add(`field${index}`)
  const rest = schema['additionalProperties']
  const isOpen = !isJsonObject(rest)
  return Object.fromEntries(
    Array.from(names, (name) => [name, exampleOf(properties[name] ?? (isOpen ? { type: 'string' } : rest), place)]),
  )
}

function exampleArray(schema: JsonObject, place: Place): unknown[] {
  const leading = listField(schema, 'prefixItems') ?? []
  const length = Math.max(numberField(schema, 'minItems') ?? 0, 0)
  return Array.from({ length }, (_, index) => {
    const item = leading[index] ?? schema['items']
    if (schema['uniqueItems'] !== true || !isJsonObject(item)) return exampleOf(item ?? { type: 'string' }, place)
    return distinct(item, index, place)
  })
}

/** The index-th of several values that differ, for the types where that is simple. */
function distinct(item: JsonObject, index: number, place: Place): unknown {
  const choices = listField(item, 'enum')
  if (choices) return choices[index] ?? null
  const value = exampleOf(item, place)
  if (typeof value === 'number') return value + index * (numberField(item, 'multipleOf') ?? 1)
  if (isString(value)) return index === 0 ? value : `${value}${index}`.slice(-(numberField(item, 'maxLength') ?? 64))
  return index === 0 ? value : !value
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2025-01-01T00:00:00Z',
  date: '2025-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'simulated@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function exampleString(schema: JsonObject): string {
  const format = formats[stringField(schema, 'format') ?? '']
  if (format !== undefined) return format
  const text = 'simulated'
  return text.padEnd(numberField(schema, 'minLength') ?? 0, '.').slice(0, numberField(schema, 'maxLength') ?? Infinity)
}

function exampleNumber(schema: JsonObject): number {
  const step = numberField(schema, 'multipleOf') ?? 1
  const above = numberField(schema, 'exclusiveMinimum')
  const below = numberField(schema, 'exclusiveMaximum')
  const least = Math.max(numberField(schema, 'minimum') ?? -Infinity, above ?? -Infinity)
  const most = Math.min(numberField(schema, 'maximum') ?? Infinity, below ?? Infinity)
  const fits = (value: number): boolean =>
    value >= least && value <= most && (above === undefined || value > above) && (below === undefined || value < below)
  if (fits(0)) return 0
  const up = Math.ceil(least / step) * step
  const candidates =
    least > -Infinity ? [up, up + step, least, (least + most) / 2] : [Math.floor(most / step) * step, most - step]
  return candidates.find(fits) ?? 0
}
