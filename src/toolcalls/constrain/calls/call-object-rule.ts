import type { CallChoice } from './call-rule-parts.ts'
import { anyOf, literal } from '../rules/grammar-rules.ts'
import { jsonNotation } from '../notations/json-notation.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { schemaRule } from '../schema/schema-rule.ts'

/** What a family calls the members of an object that is a call. */
export interface CallKeys {
  readonly names: readonly string[]
  readonly arguments: readonly string[]
  /** What it puts beside them. */
  readonly others: readonly string[]
}

export const usualKeys: CallKeys = {
  names: ['name', 'tool_name'],
  arguments: ['arguments', 'parameters'],
  others: ['id', 'type'],
}

/** `{"name": …, "arguments": {…}}`, with what families put beside these two. */
export function callObjectRule(choice: CallChoice, keys: CallKeys): string {
  const { rules } = choice
  const ws = jsonRule(rules, 'ws')
  const beside = `${anyOf(keys.others.map(key))} ${ws} ":" ${ws} ${anyOf([jsonRule(rules, 'string'), jsonRule(rules, 'integer')])}`
  const hasOthers = keys.others.length > 0
  const before = hasOthers ? `( ${beside} ${ws} "," ${ws} )*` : ''
  const after = hasOthers ? `( ${ws} "," ${ws} ${beside} )*` : ''
  const args = `${ws} "," ${ws} ${anyOf(keys.arguments.map(key))} ${ws} ":" ${ws}`
  const said = perTool(choice, (name, value) => `${literal(JSON.stringify(name))} ${args} ${value}`)
  const names = anyOf(keys.names.map(key))
  return rules.add('call-object', `"{" ${ws} ${before} ${names} ${ws} ":" ${ws} ${said} ${after} ${ws} "}"`)
}

/** `{"the_name": {…}}`. */
export function keyedObjectRule(choice: CallChoice): string {
  const { rules } = choice
  const ws = jsonRule(rules, 'ws')
  const said = perTool(choice, (name, value) => `${literal(JSON.stringify(name))} ${ws} ":" ${ws} ${value}`)
  return rules.add('call-object', `"{" ${ws} ${said} ${ws} "}"`)
}

function key(name: string): string {
  return literal(JSON.stringify(name))
}

/** A name, then its arguments; held loosely, what follows is the same for all names, and said once. */
export function perTool(
  { rules, tools, strictness }: CallChoice,
  say: (name: string, value: string) => string,
): string {
  const written = tools.map(({ name, parameters }) => {
    const isFull = strictness === 'full' && Object.keys(parameters).some((keyword) => shapes.has(keyword))
    const place = { rules, root: parameters, name: `${name}-arguments`, notation: jsonNotation }
    const value = isFull ? schemaRule({ type: 'object', ...parameters }, place) : jsonRule(rules, 'object')
    return say(name, value)
  })
  return rules.add('said', anyOf(written))
}

/** Keywords that say more of arguments than that they are an object. */
const shapes: ReadonlySet<string> = new Set([
  'properties',
  'additionalProperties',
  'required',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
])
