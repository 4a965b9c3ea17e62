import type { CallDraft } from '../parse/reply-event.ts'
import { parsedJson, parseJson } from '../values/coerce-text.ts'
import { jsonItems, jsonMembers } from '../values/json-members.ts'
import { readLooseValue } from '../values/loose-value.ts'
import { asSchema } from '../values/schema-types.ts'

export interface JsonShape {
  readonly isNameTheKey?: boolean
  /** The text ends here, so brackets may be missing. */
  readonly mayBeCut?: boolean
}

/** The calls that a JSON object, or an array of objects, names; `undefined` when it names none. */
export function draftsOfJson(text: string, shape: JsonShape = {}): CallDraft[] | undefined {
  const value = parseJson(text)
  if (value === undefined) return draftsOfLoose(text, shape)
  const items = Array.isArray(value) ? jsonItems(text) : [text]
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
  if (typeof name !== 'string' || name === '' || args === undefined) return undefined
  const id = parseJson(firstOf(members, idKeys) ?? '')
  return draft(name, args, typeof id === 'string' || typeof id === 'number' ? String(id) : undefined)
}

function draft(name: string, args: string, sourceId?: string): CallDraft | undefined {
  const argumentsText = objectText(args)
  if (argumentsText === undefined) return undefined
  return { name: name.trim(), argumentsText, ...(sourceId !== undefined && { sourceId }) }
}

/** Arguments as JSON of an object; some models put that JSON into a string, or say null for none. */
function objectText(json: string): string | undefined {
  if (json.startsWith('{')) return json
  if (json === 'null' || json === '""') return '{}'
  const inner = json.startsWith('"') ? parseJson(json) : undefined
  if (typeof inner !== 'string' || !inner.trimStart().startsWith('{')) return undefined
  if (parsedJson(inner) !== undefined) return inner.trim()
  const loose = readLooseValue(inner)
  return loose === undefined ? undefined : JSON.stringify(loose.value)
}

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
