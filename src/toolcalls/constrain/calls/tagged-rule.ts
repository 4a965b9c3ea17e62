import type { ParameterRow, TaggedRow } from '../../formats/reply-format.ts'
import type { OfferedTool } from '../../parse/tool-table.ts'
import { asSchema } from '../../values/schema-types.ts'
import type { CallRuleParts } from './call-rule-parts.ts'
import { anyOf, type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { mergedSchema } from '../schema/merged-schema.ts'
import { rawPropertyRule } from '../schema/raw-value-rule.ts'
import { untilRule } from '../rules/until-rule.ts'

/** A call whose arguments stand in tags: their names are the tool's, their values any text up to the tag that ends them. */
export function taggedRule({ rules, row, tools, strictness, forbidden = [] }: CallRuleParts<TaggedRow>): string[] {
  const ws = jsonRule(rules, 'ws')
  const isFull = strictness === 'full'
  return row.open.map((open) => {
    const calls = tools.map((tool) => {
      const header = headerRule(rules, { open, header: row.header, ends: row.headerEnd, name: literal(tool.name) })
      return `${header} ${ws} ${parametersRule(rules, { row, tool, isFull, forbidden })}`
    })
    return `${literal(open)} ${anyOf(calls)} ${anyOf(row.close.map(literal))}`
  })
}

interface Header {
  /** The marker before it. */
  readonly open: string
  readonly header: TaggedRow['header']
  readonly ends: readonly string[]
  /** As a rule: a name, or what any name is made of. */
  readonly name: string
}

function headerRule(rules: GrammarRules, { open, header, ends, name }: Header): string {
  const end = anyOf(ends.map(literal))
  // A name in a line may also end where the first argument begins.
  if (header === 'line') return `${jsonRule(rules, 'ws')} ${name} ( ${end} )?`
  if (header === 'plain') return `${name} ${end}`
  const gap = open.endsWith(' ') ? '' : '" "'
  return `${gap} "name=\\"" ${name} "\\"" ( " " [a-z]{1,20} "=\\"" [a-z0-9]{1,40} "\\"" ){0,2} ${end}`
}

interface Parameters {
  readonly row: TaggedRow
  readonly tool: OfferedTool
  readonly isFull: boolean
  readonly forbidden: readonly string[]
}

/** Loosely arguments of any names; else the tool's, each once, those that are required first. */
function parametersRule(rules: GrammarRules, { row, tool, isFull, forbidden }: Parameters): string {
  const { name, parameters: root } = tool
  const ws = jsonRule(rules, 'ws')
  const parameters = mergedSchema(root, root)
  const keys = Object.keys(asSchema(parameters['properties']) ?? {})
  if (!isFull) {
    const anyText = untilRule(rules, row.parameter.close[0] ?? '', { forbidden })
    const any = rules.add(
      'parameter',
      parameterRule(rules, row.parameter, { name: '[a-zA-Z0-9_.-]{1,64}', value: anyText }),
    )
    return `( ${any} ${ws} )*`
  }
  const [close = ''] = row.parameter.close
  const ruleOf = (key: string): string => {
    const place = { rules, root, name: `${name}-${key}-value`, close, forbidden }
    const trimsLineBreaks = row.parameter.trimsLineBreaks === true
    const value = rawPropertyRule(parameters, key, { ...place, trimsLineBreaks })
    return rules.add(`${name}-${key}`, parameterRule(rules, row.parameter, { name: literal(key), value }))
  }
  const required = new Set(Array.isArray(parameters['required']) ? parameters['required'] : [])
  const first = keys.filter((key) => required.has(key)).map((key) => `${ruleOf(key)} ${ws}`)
  const rest = keys.filter((key) => !required.has(key)).map((key) => `( ${ruleOf(key)} ${ws} )?`)
  return [...first, ...rest].join(' ')
}

/** @param said.value with the closing tag */
function parameterRule(
  rules: GrammarRules,
  { open: [open = ''], header, headerEnd, valueOpen }: ParameterRow,
  said: { readonly name: string; readonly value: string },
): string {
  const ws = jsonRule(rules, 'ws')
  const start = headerRule(rules, { open, header, ends: headerEnd, name: said.name })
  const before = valueOpen === undefined ? '' : `${ws} ${literal(valueOpen)}`
  return `${literal(open)} ${start} ${before} ${said.value}`
}
