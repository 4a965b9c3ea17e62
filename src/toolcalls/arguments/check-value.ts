import { asSchema, jsonTypeOf, resolved, typesOf, type Schema } from '../values/schema-types.ts'
import { fits } from './coerce-value.ts'

/**
 * What of a value its schema forbids, at most `problemsMax` of it, in sentences for a model. Knows the keywords that tools
 * use (types, required, enum, const, properties, items, bounds, unions; no patterns, which can be made to run for ever); others forbid nothing.
 */
export function checkValue(value: unknown, schema: Schema, root: Schema): string[] {
  const problems: string[] = []
  check({ value, schema, root, path: '', depth: 0 }, problems)
  return problems.slice(0, problemsMax)
}

const problemsMax = 8
const depthMax = 32

interface Place {
  readonly value: unknown
  readonly schema: Schema
  readonly root: Schema
  readonly path: string
  readonly depth: number
}

function check(place: Place, problems: string[]): void {
  if (place.depth > depthMax || problems.length >= problemsMax) return
  const schema = resolved(place.schema, place.root)
  const types = typesOf(schema, place.root)
  if (types.length > 0 && !fits(jsonTypeOf(place.value), types)) {
    problems.push(`${nameOf(place)} must be ${types.join(' or ')}, and is ${jsonTypeOf(place.value)}.`)
    return
  }
  checkChoice(place, schema, problems)
  checkBounds(place, schema, problems)
  checkBranches(place, schema, problems)
  if (Array.isArray(place.value)) checkItems(place, place.value, schema, problems)
  const members = asSchema(place.value)
  if (members !== undefined) checkMembers(place, members, schema, problems)
}

function nameOf({ path }: Place): string {
  return path === '' ? 'The value' : `\`${path}\``
}

function checkChoice(place: Place, schema: Schema, problems: string[]): void {
  const choices: unknown[] | undefined = Array.isArray(schema['enum'])
    ? schema['enum']
    : 'const' in schema
      ? [schema['const']]
      : undefined
  const text = JSON.stringify(place.value)
  if (choices === undefined || choices.some((choice) => JSON.stringify(choice) === text)) return
  const shown = choices.slice(0, choicesShownMax).map((choice) => JSON.stringify(choice))
  problems.push(`${nameOf(place)} must be one of ${shown.join(', ')}, and is ${text?.slice(0, 60)}.`)
}

const choicesShownMax = 12

function checkBounds(place: Place, schema: Schema, problems: string[]): void {
  const { value } = place
  const size =
    typeof value === 'number' ? value : typeof value === 'string' || Array.isArray(value) ? value.length : undefined
  if (size === undefined) return
  const [low, high] = typeof value === 'number' ? numberBounds : typeof value === 'string' ? textBounds : listBounds
  const minimum = schema[low]
  const maximum = schema[high]
  if (typeof minimum === 'number' && size < minimum)
    problems.push(`${nameOf(place)} is below its ${low} of ${minimum}.`)
  if (typeof maximum === 'number' && size > maximum)
    problems.push(`${nameOf(place)} is above its ${high} of ${maximum}.`)
}

const numberBounds = ['minimum', 'maximum'] as const
const textBounds = ['minLength', 'maxLength'] as const
const listBounds = ['minItems', 'maxItems'] as const

function checkBranches(place: Place, schema: Schema, problems: string[]): void {
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = schema[keyword]
    if (!Array.isArray(branches)) continue
    const found = branches.map((branch: unknown) => problemsOf(place, asSchema(branch) ?? {}))
    if (found.length > 0 && found.every((list) => list.length > 0))
      problems.push(
        ...(found.length === 1 ? (found[0] ?? []) : [`${nameOf(place)} fits none of its ${found.length} shapes.`]),
      )
  }
  const all = schema['allOf']
  if (Array.isArray(all)) for (const branch of all) problems.push(...problemsOf(place, asSchema(branch) ?? {}))
}

function problemsOf(place: Place, schema: Schema): string[] {
  const problems: string[] = []
  check({ ...place, schema, depth: place.depth + 1 }, problems)
  return problems
}

function checkItems(place: Place, items: readonly unknown[], schema: Schema, problems: string[]): void {
  const itemSchema = asSchema(schema['items'])
  if (itemSchema === undefined) return
  for (const [index, value] of items.entries()) {
    if (problems.length >= problemsMax) return
    check(
      { ...place, value, schema: itemSchema, path: join(place.path, String(index)), depth: place.depth + 1 },
      problems,
    )
  }
}

function checkMembers(place: Place, members: Schema, schema: Schema, problems: string[]): void {
  const properties = asSchema(schema['properties']) ?? {}
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  for (const key of required)
    if (typeof key === 'string' && !Object.hasOwn(members, key))
      problems.push(`\`${join(place.path, key)}\` is missing.`)
  for (const [key, value] of Object.entries(members)) {
    if (problems.length >= problemsMax) return
    const path = join(place.path, key)
    const own = Object.hasOwn(properties, key) ? asSchema(properties[key]) : asSchema(schema['additionalProperties'])
    if (own !== undefined) check({ ...place, value, schema: own, path, depth: place.depth + 1 }, problems)
    else if (schema['additionalProperties'] === false && !Object.hasOwn(properties, key))
      problems.push(`\`${path}\` is not a parameter; there are ${Object.keys(properties).join(', ') || 'none'}.`)
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
