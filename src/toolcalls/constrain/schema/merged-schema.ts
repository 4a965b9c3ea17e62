import { asSchema, resolved, type Schema } from '../../values/schema-types.ts'

/** One schema for `allOf` and what stands beside it. Of two that disagree about a keyword the later one counts. */
export function mergedSchema(schema: Schema, root: Schema, depth = 0): Schema {
  const own = resolved(schema, root)
  const list: readonly unknown[] = Array.isArray(own['allOf']) ? own['allOf'] : []
  if (list.length === 0 || depth > depthMax) return own
  const { allOf: _, ...rest } = own
  return list.reduce<Schema>((whole, part) => both(whole, mergedSchema(asSchema(part) ?? {}, root, depth + 1)), rest)
}

const depthMax = 8

/** A branch of a union, with what its schema says beside the union. */
export function branchWith(branch: Schema, { anyOf: _any, oneOf: _one, ...beside }: Schema, root: Schema): Schema {
  return Object.keys(beside).every((key) => notes.has(key)) ? branch : both(beside, mergedSchema(branch, root))
}

/** Keywords that allow and forbid nothing. */
const notes: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  'discriminator',
  '$defs',
  'definitions',
])

function both(one: Schema, other: Schema): Schema {
  const properties = { ...asSchema(one['properties']), ...asSchema(other['properties']) }
  const required = [one['required'], other['required']].flatMap((names): unknown[] =>
    Array.isArray(names) ? names : [],
  )
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  }
}
