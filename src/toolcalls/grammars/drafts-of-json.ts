import type { CallDraft } from '../parse/reply-event.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { withoutEntities } from '../values/entities.ts'
import { parsedJson, parseJson } from '../values/coerce-text.ts'
import { jsonItems, jsonMembers } from '../values/json-members.ts'
import { readLooseValue } from '../values/loose-value.ts'
import { asSchema } from '../values/schema-types.ts'

export interface JsonShape {
  readonly isNameTheKey?: boolean
  /** The text ends here, so brackets may be missing. */
  readonly mayBeCut?: boolean
  /** A marker says that it is a call: of one of these tools it may be written in other shapes, too. */
  readonly tools?: ToolTable
}

/** The calls that a JSON object, or an array of objects, names; `undefined` when it names none. */
export function draftsOfJson(text: string, shape: JsonShape = {}): CallDraft[] | undefined {
  const value = parseJson(text)
  if (value === undefined) return draftsOfLoose(/^[{[]\s*&quot;/.test(text) ? withoutEntities(text) : text, shape)
  const items = Array.isArray(value) ? jsonItems(text) : [text]
  const [only, ...others] = items.map(jsonMembersOrNone)
  const listed = others.length === 0 ? only?.get('tool_calls') : undefined
  // A whole message of OpenAI's.
  if (listed?.startsWith('[') === true) return draftsOfJson(listed, shape)
  return allOf(items.map((item) => draftOfMembers(jsonMembersOrNone(item), shape)))
}

function jsonMembersOrNone(text: string): ReadonlyMap<string, string> {
  return text.startsWith('{') ? jsonMembers(text) : new Map<string, string>()
}

function draftsOfLoose(text: string, shape: JsonShape): CallDraft[] | undefined {
  const loose = readLooseValue(text, 0, { mayBeCut: shape.mayBeCut === true })
  if (loose === undefined) return undefined
  const items: unknown[] = Array.isArray(loose.value) ? loose.value : [loose.value]
  return allOf(
    items.map((item) => {
      const members = Object.entries(asSchema(item) ?? {})
      return draftOfMembers(new Map(members.map(([key, member]) => [key, JSON.stringify(member)])), shape)
    }),
  )
}

function allOf(drafts: readonly (CallDraft | undefined)[]): CallDraft[] | undefined {
  const whole = drafts.filter((draft) => draft !== undefined)
  return whole.length === drafts.length ? whole : undefined
}

function draftOfMembers(members: ReadonlyMap<string, string>, shape: JsonShape): CallDraft | undefined {
  if (shape.isNameTheKey === true) {
    const [first, ...others] = members
    return first !== undefined && others.length === 0 ? draft(first[0], first[1]) : undefined
  }
  const nested = members.get('function')
  if (nested?.startsWith('{') === true) return draftOfMembers(jsonMembers(nested), shape)
  const name = parseJson(firstOf(members, nameKeys) ?? '')
  const args = firstOf(members, argumentKeys)
  if (shape.tools !== undefined && args === undefined) return draftOfTool(members, name, shape.tools)
  if (typeof name !== 'string' || name === '' || args === undefined || isDefinition(members, args)) return undefined
  const id = parseJson(firstOf(members, idKeys) ?? '')
  return draft(name, args, typeof id === 'string' || typeof id === 'number' ? String(id) : undefined)
}

/** What a tool is, and no call of it. */
function isDefinition(members: ReadonlyMap<string, string>, args: string): boolean {
  return members.has('description') && asSchema(asSchema(parseJson(args))?.['properties']) !== undefined
}

/** A tool's arguments beside its name, or under it; or a tool's name alone, if it needs none. */
function draftOfTool(members: ReadonlyMap<string, string>, name: unknown, tools: ToolTable): CallDraft | undefined {
  const [first, ...more] = members
  if (first !== undefined && more.length === 0 && tools.isOffered(first[0])) return draft(first[0], first[1])
  if (typeof name !== 'string' || !tools.isOffered(name)) return undefined
  const rest = [...members].filter(([key, json]) => json !== JSON.stringify(name) && !besideNames.has(key))
  const keys = rest.map(([key]) => key)
  const isMeant = keys.every((key) => tools.has(name, key)) && tools.hasRequired(name, keys)
  return isMeant
    ? draft(name, `{${rest.map(([key, json]) => `${JSON.stringify(key)}: ${json}`).join(', ')}}`)
    : undefined
}

const besideNames: ReadonlySet<string> = new Set(['id', 'type', 'tool_call_id', 'call_id'])

function draft(name: string, args: string, sourceId?: string): CallDraft | undefined {
  const argumentsText = objectText(args)
  if (argumentsText === undefined) return undefined
  return { name: name.trim(), argumentsText, ...(sourceId !== undefined && { sourceId }) }
}

/** Arguments as JSON of an object; some models put that JSON into a string or a list, even twice, or say null for none. */
function objectText(json: string, depth = 0): string | undefined {
  if (json.startsWith('{')) return json
  if (json === 'null' || json === '""') return '{}'
  if (depth > wrappersMax) return undefined
  if (json.startsWith('[')) {
    const [only, ...others] = parseJson(json) === undefined ? [] : jsonItems(json)
    return only?.startsWith('{') === true && others.length === 0 ? only : undefined
  }
  const inner = json.startsWith('"') ? parseJson(json) : undefined
  if (typeof inner !== 'string') return undefined
  const text = inner.trim()
  if (text.startsWith('"')) return objectText(text, depth + 1)
  if (!text.startsWith('{')) return undefined
  if (parsedJson(text) !== undefined) return text
  const loose = readLooseValue(text)
  return loose === undefined ? undefined : JSON.stringify(loose.value)
}

const wrappersMax = 3

function firstOf(members: ReadonlyMap<string, string>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = members.get(key)
    if (value !== undefined) return value
  }
  return undefined
}

/** In the order in which they are believed. */
export const nameKeys = ['name', 'tool_name', 'tool', 'function', 'function_name', 'action'] as const
export const argumentKeys = ['arguments', 'parameters', 'args', 'input', 'params', 'action_input'] as const
const idKeys = ['id', 'tool_call_id', 'call_id'] as const
