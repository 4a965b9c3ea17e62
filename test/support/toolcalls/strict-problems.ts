import { validateArguments } from '../../../src/toolcalls/arguments/validate-arguments.ts'
import { asSchema, resolved, type Schema } from '../../../src/toolcalls/values/schema-types.ts'

/** What arguments do against their schema, also where the product does not look: patterns, formats, bounds that are excluded. */
export function strictProblems(argumentsText: string, parameters: Schema): readonly string[] {
  const { problems, repairs } = validateArguments(argumentsText, parameters)
  const value: unknown = JSON.parse(argumentsText)
  return [
    ...problems,
    ...repairs.map((path) => `${path} had to be put right`),
    ...further(value, parameters, parameters),
  ]
}

function further(value: unknown, schema: Schema, root: Schema): string[] {
  const own = resolved(schema, root)
  const branches = [own['anyOf'], own['oneOf']].filter((list) => Array.isArray(list))
  const ofBranches = branches.flatMap((list) => {
    const found = list.map((branch: unknown) => [
      ...validateArguments(JSON.stringify({ value }), {
        properties: { value: asSchema(branch) ?? {} },
        $defs: root['$defs'],
      }).problems,
      ...further(value, asSchema(branch) ?? {}, root),
    ])
    return found.some((problems) => problems.length === 0) ? [] : (found[0] ?? [])
  })
  const all = Array.isArray(own['allOf']) ? own['allOf'] : []
  return [
    ...ofBranches,
    ...all.flatMap((branch: unknown) => further(value, asSchema(branch) ?? {}, root)),
    ...(typeof value === 'string' ? ofText(value, own) : []),
    ...(typeof value === 'number' ? ofNumber(value, own) : []),
    ...(Array.isArray(value) ? ofItems(value, own, root) : []),
    ...ofMembers(value, own, root),
  ]
}

function ofText(value: string, { pattern, format }: Schema): string[] {
  const isMatch = typeof pattern !== 'string' || new RegExp(pattern, 'u').test(value)
  const known = typeof format === 'string' ? formats[format] : undefined
  return [
    ...(isMatch ? [] : [`${JSON.stringify(value)} is not as ${pattern}`]),
    ...(known === undefined || known(value) ? [] : [`${value} is no ${String(format)}`]),
  ]
}

/** By other means than the grammar's. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => text.length === 10 && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text),
  'date-time': (text) => !Number.isNaN(Date.parse(text)),
  uuid: (text) => text.length === 36 && text.split('-').length === 5,
  email: (text) => text.split('@').length === 2 && URL.canParse(`http://${text.split('@')[1]}`),
}

function ofNumber(value: number, { exclusiveMinimum, exclusiveMaximum }: Schema): string[] {
  const isLow = typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum
  const isHigh = typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum
  return isLow || isHigh ? [`${value} is out of bounds`] : []
}

function ofItems(items: readonly unknown[], own: Schema, root: Schema): string[] {
  const first: readonly unknown[] = Array.isArray(own['prefixItems']) ? own['prefixItems'] : []
  return items.flatMap((item, at) => further(item, asSchema(first[at] ?? own['items']) ?? {}, root))
}

function ofMembers(value: unknown, own: Schema, root: Schema): string[] {
  const properties = asSchema(own['properties']) ?? {}
  return Object.entries(asSchema(value) ?? {}).flatMap(([key, member]) =>
    further(
      member,
      asSchema(Object.hasOwn(properties, key) ? properties[key] : own['additionalProperties']) ?? {},
      root,
    ),
  )
}
