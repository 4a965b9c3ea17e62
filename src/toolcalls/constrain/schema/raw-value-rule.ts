import { propertySchema, type Schema, typesOf } from '../../values/schema-types.ts'
import { rawAlphabet } from '../rules/alphabet.ts'
import { anyOf, type GrammarRules, literal } from '../rules/grammar-rules.ts'
import { jsonBefore } from '../notations/json-notation.ts'
import { jsonRule } from '../rules/json-rules.ts'
import { branchWith, mergedSchema } from './merged-schema.ts'
import { branchesOf, choicesOf, schemaRule } from './schema-rule.ts'
import { textLimits } from '../rules/text-limits.ts'
import { untilRule } from '../rules/until-rule.ts'

export interface RawPlace {
  readonly rules: GrammarRules
  readonly root: Schema
  readonly name: string
  /** What ends the value, and comes with it. */
  readonly close: string
  /** What may not stand in it. */
  readonly forbidden?: readonly string[]
  /** One line break at each end belongs to the tags. */
  readonly trimsLineBreaks: boolean
}

/** A value as it stands between tags, to the end of the closing one: text without quotes, all else as JSON. */
export function rawValueRule(schema: Schema, place: RawPlace): string {
  const { rules, name, close, forbidden = [] } = place
  const written = alternatives(schema, place, 0)
  const isFree = written.includes(undefined)
  return isFree
    ? untilRule(rules, close, { forbidden })
    : rules.add(name, anyOf(written.filter((rule) => rule !== undefined)))
}

/** The value of this name among those of an object. */
export function rawPropertyRule(parameters: Schema, key: string, place: RawPlace): string {
  return rawValueRule(propertySchema(parameters, key, place.root) ?? {}, place)
}

/** `undefined` for any text. */
function alternatives(schema: Schema, place: RawPlace, depth: number): readonly (string | undefined)[] {
  const { rules, root, name, close, forbidden = [] } = place
  const own = mergedSchema(schema, root)
  const choices = choicesOf(own)
  if (choices !== undefined) {
    // One that holds the marker cannot be said.
    const said = choices.filter((choice) => typeof choice !== 'string' || !choice.includes(close))
    return said.length === 0 ? [undefined] : said.map((choice) => choiceRule(choice, place))
  }
  const branches = branchesOf(own)
  if (branches.length > 0 && depth < depthMax) {
    return branches.flatMap((branch) => alternatives(branchWith(branch, own, root), place, depth + 1))
  }
  const types = typesOf(own, root)
  if (types.length === 0) return [undefined]
  const ws = jsonRule(rules, 'ws')
  return types.map((type) => {
    if (type === 'string') return textRule(own, place)
    const value = schemaRule({ ...own, type }, { rules, root, name, notation: jsonBefore([close, ...forbidden]) })
    return `${ws} ${value} ${ws} ${literal(close)}`
  })
}

const depthMax = 8

function choiceRule(choice: unknown, { close, trimsLineBreaks }: RawPlace): string {
  const text = typeof choice === 'string' ? choice : JSON.stringify(choice)
  const gap = trimsLineBreaks ? lineBreak : ''
  return `${gap} ${literal(text)} ${gap} ${literal(close)}`
}

/** Perhaps one. */
const lineBreak = String.raw`( "\n" )?`

function textRule(own: Schema, { rules, close, forbidden = [], trimsLineBreaks }: RawPlace): string | undefined {
  const alphabet = rawAlphabet([close, ...forbidden])
  const { minLength, maxLength } = own
  const limits = textLimits(rules, own, alphabet)
  if (limits === undefined) return undefined
  const isOnlyLeast =
    typeof minLength === 'number' && maxLength === undefined && !('pattern' in own) && !('format' in own)
  // What has to be there at least may go on with anything.
  if (isOnlyLeast)
    return `${alphabet.any(rules)}{${Math.ceil(minLength)},${Math.ceil(minLength)}} ${untilRule(rules, close, { forbidden })}`
  const gap = trimsLineBreaks ? lineBreak : ''
  return `${gap} ${limits} ${gap} ${literal(close)}`
}
