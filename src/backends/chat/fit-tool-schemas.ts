import { at, listAt } from '../../core/foreign-json.ts'

/**
 * The tools of a chat in OpenAI's shape without what keeps llama.cpp from making a grammar of their schemas: it refuses
 * the whole request for one pattern that it cannot read, or one bound that is too large. The model may then write what
 * the schema forbids, which the tool itself refuses. What it merely ignores stays, and with it the client's bytes.
 *
 * @returns the same body when nothing had to go
 */
export function fitToolSchemas<Body extends Readonly<Record<string, unknown>>>(body: Body): Body {
  const tools = listAt(body, 'tools')
  const fitted = tools.map((tool) => {
    const definition = at(tool, 'function')
    const schema = at(definition, 'parameters')
    const fit = withoutUnreadable(schema, 0)
    return isObject(tool) && isObject(definition) && fit !== schema
      ? { ...tool, function: { ...definition, parameters: fit } }
      : tool
  })
  return fitted.every((tool, index) => tool === tools[index]) ? body : { ...body, tools: fitted }
}

/** Below this nothing is looked at: no tool's schema is so deep, and a client may send what it likes. */
const depthMax = 64

function withoutUnreadable(schema: unknown, depth: number): unknown {
  if (depth > depthMax || typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) {
    const items = schema.map((item) => withoutUnreadable(item, depth + 1))
    return items.every((item, index) => item === schema[index]) ? schema : items
  }
  const entries = Object.entries(schema)
  const kept = entries.flatMap(([name, value]): [string, unknown][] =>
    isUnreadable(name, value) ? [] : [[name, isData(name) ? value : withoutUnreadable(value, depth + 1)]],
  )
  const isSame = kept.length === entries.length && kept.every(([, value], index) => value === entries[index]?.[1])
  return isSame ? schema : Object.fromEntries(kept)
}

/** Values that stand in a schema, and are none. */
function isData(name: string): boolean {
  return name === 'enum' || name === 'const' || name === 'default' || name === 'examples'
}

function isUnreadable(name: string, value: unknown): boolean {
  if (name === 'pattern') return typeof value === 'string' && !isReadablePattern(value)
  return boundNames.has(name) && typeof value === 'number' && value > boundMax
}

/** It has to be anchored at both ends; of the rest, only what is the same in every dialect of patterns. */
function isReadablePattern(pattern: string): boolean {
  return /^\^.*\$$/s.test(pattern) && !/\(\?|\\[a-zA-Z0-9]|[^\\]\$./s.test(pattern)
}

const boundNames: ReadonlySet<string> = new Set(['minLength', 'maxLength', 'minItems', 'maxItems'])

/** Each becomes a repetition in the grammar, of which some builds refuse 2,000 and more, nested ones multiplied. */
const boundMax = 1_000

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
