import type { BareExpressionRow, ExpressionRow } from '../../formats/reply-format.ts'
import type { OfferedTool } from '../../parse/tool-table.ts'
import { asSchema } from '../../values/schema-types.ts'
import { braceNotation } from '../notations/brace-notation.ts'
import type { CallRuleParts } from './call-rule-parts.ts'
import { anyOf, type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { mergedSchema } from '../schema/merged-schema.ts'
import { optionalMembers } from '../rules/optional-members.ts'
import { pythonNotation } from '../notations/python-notation.ts'
import { schemaRule } from '../schema/schema-rule.ts'

/** Calls as expressions: a list of them in brackets, or one in each line; or one whose arguments stand in braces. */
export function expressionRule(parts: CallRuleParts<ExpressionRow>): string[] {
  const { rules, row, mayCallInParallel } = parts
  const ws = jsonRule(rules, 'ws')
  const open = anyOf(row.open.map(literal))
  const close = row.close.length === 0 ? '' : anyOf(row.close.map(literal))
  if (row.style === 'braces') return [`${open} ${braceCall(parts)} ${close}`.trim()]
  const call = pythonCall(parts)
  const lines = mayCallInParallel ? `${call} ( "\\n" ${call} )*` : call
  return [`${open} ${ws} ${anyOf([listRule(parts), lines])} ${ws} ${close}`.trim()]
}

/** Without a marker only a list is one. */
export function bareExpressionRule(parts: CallRuleParts<BareExpressionRow>): string[] {
  return [listRule(parts)]
}

function listRule(parts: CallRuleParts): string {
  const { rules, mayCallInParallel } = parts
  const ws = jsonRule(rules, 'ws')
  const call = pythonCall(parts)
  const more = mayCallInParallel ? `( ${ws} "," ${ws} ${call} )*` : ''
  return rules.add('call-list', `"[" ${ws} ${call} ${more} ${ws} "]"`)
}

function pythonCall({ rules, tools, strictness }: CallRuleParts): string {
  const ws = jsonRule(rules, 'ws')
  const calls = tools.map((tool) => {
    const given = strictness === 'full' ? givenArguments(rules, tool) : undefined
    return `${literal(tool.name)} "(" ${ws} ${given ?? anyArguments(rules)} ${ws} ")"`
  })
  return rules.add('python-call', anyOf(calls))
}

/** `undefined` where they cannot be written as names, or nothing is known of them. */
function givenArguments(rules: GrammarRules, { name, parameters: root }: OfferedTool): string | undefined {
  const parameters = mergedSchema(root, root)
  const properties = Object.entries(asSchema(parameters['properties']) ?? {})
  if (properties.length === 0 && parameters['additionalProperties'] === false) return ''
  if (properties.length === 0 || properties.some(([key]) => !isName(key))) return undefined
  const ws = jsonRule(rules, 'ws')
  const required = new Set(Array.isArray(parameters['required']) ? parameters['required'] : [])
  const written = properties.map(([key, schema]) => {
    const place = { rules, root, name: `${name}-${key}`, notation: pythonNotation }
    return { key, rule: `${literal(key)} ${ws} "=" ${ws} ${schemaRule(asSchema(schema) ?? {}, place)}` }
  })
  const comma = `${ws} "," ${ws}`
  const first = written.filter(({ key }) => required.has(key)).map(({ rule }) => rule)
  const optional = written.filter(({ key }) => !required.has(key)).map(({ rule }) => rule)
  const rest = optionalMembers(rules, optional, { name, comma })
  return first.length === 0 ? rest.alone : `${first.join(` ${comma} `)} ${rest.after}`
}

function isName(key: string): boolean {
  return /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key)
}

function anyArguments(rules: GrammarRules): string {
  const ws = jsonRule(rules, 'ws')
  const value = pythonNotation.any(rules, 'value')
  const each = rules.add('python-argument', `[a-zA-Z_] [a-zA-Z0-9_]{0,60} ${ws} "=" ${ws} ${value}`)
  return `( ${each} ( ${ws} "," ${ws} ${each} )* )?`
}

function braceCall({ rules, row, tools, strictness }: CallRuleParts<ExpressionRow>): string {
  const notation = braceNotation(row.rawQuote ?? '"', row.close)
  const calls = tools.map(({ name, parameters }) => {
    const isKnown = strictness === 'full' && asSchema(parameters['properties']) !== undefined
    const place = { rules, root: parameters, name: `${name}-arguments`, notation }
    return `${literal(name)} ${isKnown ? schemaRule(parameters, place) : notation.any(rules, 'object')}`
  })
  return `"call:" ${anyOf(calls)}`
}
