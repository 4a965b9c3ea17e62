import { asSchema, type Schema } from '../../values/schema-types.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { type SchemaPlace, within } from './schema-place.ts'

/** Items of one schema, or each of its own, as many as there may be. */
export function arrayRule(own: Schema, place: SchemaPlace): string {
  const { rules, notation, name } = place
  const ws = jsonRule(rules, 'ws')
  const comma = `${ws} "," ${ws}`
  const below = (item: Schema, step: string): string => place.ruleFor(item, within(place, step))
  const first = (Array.isArray(own['prefixItems']) ? own['prefixItems'] : []).map((item: unknown, at) =>
    below(asSchema(item) ?? {}, `item-${at}`),
  )
  if (first.length > 0) return rules.add(name, `"[" ${ws} ${first.join(` ${comma} `)} ${ws} "]"`)
  const counts = itemCounts(own)
  const items = asSchema(own['items'])
  if (items === undefined && counts === undefined) return notation.any(rules, 'array')
  const item = items === undefined ? notation.any(rules, 'value') : below(items, 'item')
  return rules.add(name, `"[" ${ws} ${listOf({ item, comma, ...(counts ?? { least: 0 }) })} ${ws} "]"`)
}

interface Counts {
  readonly least: number
  readonly most?: number
}

/** How many there may be; `undefined` where the schema does not say, or more than a grammar should count. */
export function itemCounts({ minItems, maxItems }: Schema): Counts | undefined {
  const least = typeof minItems === 'number' && minItems <= countMax ? Math.max(0, Math.ceil(minItems)) : 0
  const isBounded = typeof maxItems === 'number' && maxItems >= least && maxItems <= countMax
  if (least === 0 && !isBounded) return undefined
  return { least, ...(isBounded && { most: Math.floor(maxItems) }) }
}

/** Builders write a counted part out that many times. */
const countMax = 64

/** Items with commas between them. */
function listOf({ item, comma, least, most }: Counts & { readonly item: string; readonly comma: string }): string {
  if (most === 0) return ''
  const more = `( ${comma} ${item} ){${Math.max(0, least - 1)},${most === undefined ? '' : most - 1}}`
  return least === 0 ? `( ${item} ${more} )?` : `${item} ${more}`
}
