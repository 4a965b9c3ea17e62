import type { NamedJsonRow, WrappedJsonRow } from '../../formats/reply-format.ts'
import { callObjectRule, keyedObjectRule, perTool, usualKeys } from './call-object-rule.ts'
import type { CallRuleParts } from './call-rule-parts.ts'
import { bareExpressionRule, expressionRule } from './expression-rule.ts'
import { anyOf, literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { nestedTagsRule } from './nested-tags-rule.ts'
import { taggedRule } from './tagged-rule.ts'

/** The ways in which one row of a format writes one call, as alternatives. */
export function callRule(parts: CallRuleParts): readonly string[] {
  const { row } = parts
  switch (row.grammar) {
    case 'wrapped-json':
      return wrapped({ ...parts, row })
    case 'bare-json':
      return [callObjectRule(parts, usualKeys)]
    case 'named-json':
      return named({ ...parts, row })
    case 'tagged':
      return taggedRule({ ...parts, row })
    case 'nested-tags':
      return nestedTagsRule({ ...parts, row })
    case 'expression':
      return expressionRule({ ...parts, row })
    case 'bare-expression':
      return bareExpressionRule({ ...parts, row })
  }
}

function wrapped(parts: CallRuleParts<WrappedJsonRow>): string[] {
  const { rules, row, mayCallInParallel } = parts
  const ws = jsonRule(rules, 'ws')
  const keys = { ...usualKeys, others: [...usualKeys.others, 'tool_call_id'] }
  const call = row.isNameTheKey === true ? keyedObjectRule(parts) : callObjectRule(parts, keys)
  const more = mayCallInParallel ? ` ( ${ws} "," ${ws} ${call} )*` : ''
  const body = anyOf([call, `"[" ${ws} ${call}${more} ${ws} "]"`])
  return [`${anyOf(row.open.map(literal))} ${ws} ${body} ${closing(row.close, ws)}`.trim()]
}

function closing(close: readonly string[], ws: string): string {
  return close.length === 0 ? '' : `${ws} ${anyOf(close.map(literal))}`
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
