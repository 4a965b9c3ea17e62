import type { z } from 'zod'

/**
 * What is left of a file when everything that the schema refuses is taken out, so that the checks across keys can have
 * their say in the same run. Undefined when that leaves nothing the schema accepts.
 */
export function repairValue<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> | undefined {
  let draft = value
  // Each round takes out at least one level of a path, and paths are short.
  for (let round = 0; round < roundsMax; round++) {
    const result = schema.safeParse(draft)
    if (result.success) return result.data
    for (const path of result.error.issues.flatMap(brokenPaths)) {
      draft = without(draft, hasValueAt(draft, path) ? path : path.slice(0, -1))
    }
  }
  return undefined
}

const roundsMax = 16

function brokenPaths(issue: z.core.$ZodIssue): readonly (readonly PropertyKey[])[] {
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
  return paths.map(upToList)
}

/** One wrong item takes the list with it: the places of the others must stay what they are in the file. */
function upToList(path: readonly PropertyKey[]): readonly PropertyKey[] {
  const index = path.findIndex((step) => typeof step === 'number')
  return index === -1 ? path : path.slice(0, index)
}

function hasValueAt(value: unknown, [step, ...rest]: readonly PropertyKey[]): boolean {
  if (step === undefined) return true
  return isMapping(value) && Object.hasOwn(value, step) && hasValueAt(value[String(step)], rest)
}

function without(value: unknown, [step, ...rest]: readonly PropertyKey[]): unknown {
  if (step === undefined) return undefined
  if (!isMapping(value)) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (key !== step) return [[key, item]]
    return rest.length === 0 ? [] : [[key, without(item, rest)]]
  })
  return Object.fromEntries(entries)
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
