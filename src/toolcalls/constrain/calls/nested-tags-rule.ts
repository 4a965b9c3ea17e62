import type { NestedTagsRow } from '../../formats/reply-format.ts'
import { asSchema, type Schema, typesOf } from '../../values/schema-types.ts'
import { itemCounts } from '../schema/array-rule.ts'
import type { CallRuleParts } from './call-rule-parts.ts'
import { anyOf, type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { mergedSchema } from '../schema/merged-schema.ts'
import { rawValueRule } from '../schema/raw-value-rule.ts'
import { branchesOf } from '../schema/schema-rule.ts'
import { untilRule } from '../rules/until-rule.ts'

/** A call as tags in tags: each argument in one of its name, the members of objects in others, items of lists in `item`. */
export function nestedTagsRule(parts: CallRuleParts<NestedTagsRow>): string[] {
  const { rules, row, tools, strictness, mayCallInParallel } = parts
  const ws = jsonRule(rules, 'ws')
  const { announce } = row
  const calls = tools.map(({ name, parameters: root }) => {
    const place = { rules, root, announce, name, depth: 0 }
    const parameters = mergedSchema(root, root)
    const inner = strictness === 'full' ? membersRule(parameters, place) : anyMembers(parameters, place)
    const start = anyOf([literal(`<invoke name="${name}">`), literal(`<invoke name=${name}>`)])
    return `${literal(announce)} ${start} ${ws} ${inner} ${literal(`${announce}</invoke>`)}`
  })
  const call = rules.add('invoke', anyOf(calls))
  const more = mayCallInParallel ? `( ${ws} ${call} )*` : ''
  return [`${anyOf(row.open.map(literal))} ${ws} ${call} ${more} ${ws} ${literal(row.close)}`]
}

interface TagPlace {
  readonly rules: GrammarRules
  readonly root: Schema
  readonly announce: string
  readonly name: string
  readonly depth: number
}

/** Deeper, a value is text. */
const depthMax = 12

function membersRule(own: Schema, place: TagPlace): string {
  const ws = jsonRule(place.rules, 'ws')
  const required = new Set(Array.isArray(own['required']) ? own['required'] : [])
  const members = Object.entries(asSchema(own['properties']) ?? {}).filter(([key]) => isTagName(key))
  const ruleOf = ([key, schema]: readonly [string, unknown]): string =>
    `${elementRule(key, asSchema(schema) ?? {}, place)} ${ws}`
  const first = members.filter(([key]) => required.has(key)).map(ruleOf)
  const rest = members.filter(([key]) => !required.has(key)).map((member) => `( ${ruleOf(member)} )?`)
  return [...first, ...rest].join(' ')
}

function isTagName(key: string): boolean {
  return /^[\p{L}\p{N}_.:-]+$/u.test(key)
}

/** The tool's arguments in any order, as any text. Other names than its own cannot be held to be closed as they are opened. */
function anyMembers(own: Schema, { rules, announce, name }: TagPlace): string {
  const keys = Object.keys(asSchema(own['properties']) ?? {}).filter(isTagName)
  if (keys.length === 0) return ''
  const ws = jsonRule(rules, 'ws')
  const text = untilRule(rules, announce)
  const written = keys.map((key) => `${literal(`${announce}<${key}>`)} ${text} ${literal(`</${key}>`)}`)
  return `( ${rules.add(`${name}-element`, anyOf(written))} ${ws} )*`
}

function elementRule(key: string, schema: Schema, place: TagPlace): string {
  const { rules, announce, name } = place
  const below = { ...place, name: `${name}-${key}`, depth: place.depth + 1 }
  const inner = contentRule(schema, below)
  return rules.add(`${name}-${key}-element`, `${literal(`${announce}<${key}>`)} ${inner} ${literal(`</${key}>`)}`)
}

/** What stands in a tag, with the token that announces its end. */
function contentRule(schema: Schema, place: TagPlace): string {
  const { rules, root, announce, name, depth } = place
  const own = mergedSchema(schema, root)
  const target = own
  if (depth > depthMax) return untilRule(rules, announce)
  if (typeof schema['$ref'] === 'string') return rules.once(target, `tags-${name}`, () => anyOf(contentsOf(own, place)))
  return anyOf(contentsOf(own, place))
}

function contentsOf(own: Schema, place: TagPlace): readonly string[] {
  const { rules, root, announce, name } = place
  const branches = branchesOf(own)
  if (branches.length > 0) return branches.map((branch) => contentRule(branch, place))
  const leaf = { rules, root, name: `${name}-leaf`, close: announce, trimsLineBreaks: false }
  const types = typesOf(own, root)
  if (types.length === 0 || 'enum' in own || 'const' in own) return [rawValueRule(own, leaf)]
  return types.map((type) => {
    const isObject = type === 'object' && asSchema(own['properties']) !== undefined
    const isList = type === 'array' && asSchema(own['items']) !== undefined
    if (isObject) return objectContent(own, place)
    return isList ? listContent(own, place) : rawValueRule({ ...own, type }, leaf)
  })
}

function objectContent(own: Schema, place: TagPlace): string {
  const { rules, announce, name } = place
  const hasMembers = Object.keys(asSchema(own['properties']) ?? {}).some(isTagName)
  const required = Array.isArray(own['required']) ? own['required'] : []
  const empty = required.length === 0 ? [`"{}" ${literal(announce)}`] : []
  if (!hasMembers) return anyOf(empty)
  // Without a member it would be text, and no object: the first of them that there may be is there.
  const members = Object.keys(asSchema(own['properties']) ?? {}).filter(isTagName)
  const withOne = (first: string): string =>
    membersRule({ ...own, required: [...new Set([...required, first])] }, place)
  const filled = required.length > 0 ? [membersRule(own, place)] : members.slice(0, startsMax).map(withOne)
  const ws = jsonRule(rules, 'ws')
  return rules.add(`${name}-object`, anyOf([...filled.map((inner) => `${ws} ${inner} ${literal(announce)}`), ...empty]))
}

/** Members with which an object may begin that needs none of them. */
const startsMax = 8

function listContent(own: Schema, place: TagPlace): string {
  const { rules, announce, name } = place
  const ws = jsonRule(rules, 'ws')
  const { least, most } = itemCounts(own) ?? { least: 0 }
  const item = `${elementRule('item', asSchema(own['items']) ?? {}, place)} ${ws}`
  const filled = most === 0 ? [] : [`${ws} ( ${item} ){${Math.max(1, least)},${most ?? ''}} ${literal(announce)}`]
  const empty = least === 0 ? [`"[]" ${literal(announce)}`] : []
  return rules.add(`${name}-list`, anyOf([...filled, ...empty]))
}
