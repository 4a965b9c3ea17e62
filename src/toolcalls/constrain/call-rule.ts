import type { BareJsonRow, NamedJsonRow, WrappedJsonRow } from '../formats/reply-format.ts'
import { asSchema } from '../values/schema-types.ts'
import type { CallRuleParts } from './call-rule-parts.ts'
import { anyOf, literal } from './grammar-rules.ts'
import { jsonRule } from './json-rules.ts'
import { schemaRule } from './schema-rule.ts'
import { taggedRule } from './tagged-rule.ts'

/** The ways in which one row of a format writes one call, as alternatives; none where it has no grammar. */
export function callRule(parts: CallRuleParts): readonly string[] {
  const { row } = parts
  switch (row.grammar) {
    case 'wrapped-json':
      return wrapped({ ...parts, row })
    case 'bare-json':
      return bare({ ...parts, row })
    case 'named-json':
      return named({ ...parts, row })
    case 'tagged':
      return taggedRule({ ...parts, row })
    default:
      return []
  }
}

function wrapped(parts: CallRuleParts<WrappedJsonRow>): string[] {
  const { rules, row, mayCallInParallel } = parts
  const ws = jsonRule(rules, 'ws')
  const call = row.isNameTheKey === true ? keyedObject(parts) : callObject(parts, ['id', 'tool_call_id', 'type'])
  const more = mayCallInParallel ? ` ( ${ws} "," ${ws} ${call} )*` : ''
  const body = anyOf([call, `"[" ${ws} ${call}${more} ${ws} "]"`])
  return [`${anyOf(row.open.map(literal))} ${ws} ${body} ${closing(row.close, ws)}`.trim()]
}

function bare(parts: CallRuleParts<BareJsonRow>): string[] {
  return [callObject(parts, ['id', 'type'])]
}

function closing(close: readonly string[], ws: string): string {
  return close.length === 0 ? '' : `${ws} ${anyOf(close.map(literal))}`
}

/** `{"name": …, "arguments": {…}}`, with what families put beside these two. */
function callObject({ rules, tools, strictness }: CallRuleParts, others: readonly string[]): string {
  const ws = jsonRule(rules, 'ws')
  const text = jsonRule(rules, 'string')
  const beside = `${anyOf(others.map(key))} ${ws} ":" ${ws} ${anyOf([text, jsonRule(rules, 'integer')])}`
  const before = `( ${beside} ${ws} "," ${ws} )*`
  const after = `( ${ws} "," ${ws} ${beside} )*`
  const args = `${ws} "," ${ws} ${anyOf(['arguments', 'parameters'].map(key))} ${ws} ":" ${ws}`
  const said = perTool(
    { rules, tools, strictness },
    (name, value) => `${literal(JSON.stringify(name))} ${args} ${value}`,
  )
  return rules.add(
    'call-object',
    `"{" ${ws} ${before} ${anyOf(['name', 'tool_name'].map(key))} ${ws} ":" ${ws} ${said} ${after} ${ws} "}"`,
  )
}

function keyedObject({ rules, tools, strictness }: CallRuleParts): string {
  const ws = jsonRule(rules, 'ws')
  const said = perTool(
    { rules, tools, strictness },
    (name, value) => `${literal(JSON.stringify(name))} ${ws} ":" ${ws} ${value}`,
  )
  return rules.add('call-object', `"{" ${ws} ${said} ${ws} "}"`)
}

function key(name: string): string {
  return literal(JSON.stringify(name))
}

/** A name, then its arguments; held loosely, what follows is the same for all names, and said once. */
function perTool(
  { rules, tools, strictness }: Pick<CallRuleParts, 'rules' | 'tools' | 'strictness'>,
  say: (name: string, value: string) => string,
): string {
  const written = tools.map(({ name, parameters }) => {
    const isFull = strictness === 'full' && asSchema(parameters['properties']) !== undefined
    const value = isFull ? schemaRule(rules, parameters, parameters, `${name}-arguments`) : jsonRule(rules, 'object')
    return say(name, value)
  })
  return rules.add('said', anyOf(written))
}

function named(parts: CallRuleParts<NamedJsonRow>): string[] {
  const { rules, row } = parts
  const ws = jsonRule(rules, 'ws')
  const text = jsonRule(rules, 'string')
  const id = row.idMarker === undefined ? '' : `( ${literal(row.idMarker)} [a-zA-Z0-9]{1,40} )?`
  const [before, after] = row.isNumbered === true ? ['( "functions." )?', '( ":" [0-9]{1,4} )?'] : ['', '']
  const isFenced = row.nameEnd.includes('\n')
  const fence = (mark: string): string => (isFenced ? `( ${literal(mark)} )?` : '')
  const end = `${id} ${anyOf(row.nameEnd.map(literal))} ${fence('```json\n')} ${ws}`
  const said = perTool(
    parts,
    (name, value) =>
      `${before} ${literal(name)} ${after} ${end} ${name === row.codeTool ? anyOf([value, text]) : value}`,
  )
  const close = row.close.length === 0 ? '' : anyOf(row.close.map(literal))
  return [`${anyOf(row.open.map(literal))} ${said} ${ws} ${fence('```')} ${close}`.trim()]
}
