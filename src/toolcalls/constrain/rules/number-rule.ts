import type { Schema } from '../../values/schema-types.ts'
import { anyOf, type GrammarRules } from './grammar-rules.ts'
import { jsonRule } from './json-rules.ts'

/** Whole numbers within the bounds of the schema, as far as those are safe. */
export function integerRule(rules: GrammarRules, schema: Schema): string {
  const bounds = boundsOf(schema)
  if (bounds === undefined) return jsonRule(rules, 'integer')
  const low = bounds.isLowOut ? Math.floor(bounds.low) + 1 : Math.ceil(bounds.low)
  const high = bounds.isHighOut ? Math.ceil(bounds.high) - 1 : Math.floor(bounds.high)
  return low > high ? jsonRule(rules, 'integer') : rules.add('integer', anyOf(between(low, high)))
}

/** Numbers within the bounds; without an exponent, which could reach beyond any. */
export function numberRule(rules: GrammarRules, schema: Schema): string {
  const bounds = boundsOf(schema)
  const low = Math.ceil(bounds?.low ?? -most)
  const high = Math.floor(bounds?.high ?? most)
  // Between two whole numbers there may be none: what is written is checked all the same.
  if (bounds === undefined || low >= high) return jsonRule(rules, 'number')
  const isLowOut = bounds.isLowOut && low === bounds.low
  const isHighOut = bounds.isHighOut && high === bounds.high
  // A fraction leads away from nought, so that the number nearest to a bound may have none but towards the inside.
  const above = between(Math.max(low + (isLowOut ? 1 : 0), 0), high - 1)
  const below = between(low + 1, Math.min(high - (isHighOut ? 1 : 0), -1))
  const inward = [...(isLowOut && low >= 0 ? [`"${low}`] : []), ...(isHighOut && high <= 0 ? [`"-${-high}`] : [])]
  return rules.add(
    'number',
    anyOf([
      ...[...above, ...below, ...(low < 0 && high > 0 ? ['"-0"'] : [])].map((digits) => `${digits} ${fraction}`),
      ...inward.map((digits) => `${digits}." [0-9]{0,5} [1-9]`),
      ...(isLowOut ? [] : between(low, low)),
      ...(isHighOut ? [] : between(high, high)),
    ]),
  )
}

const fraction = '( "." [0-9]{1,6} )?'

/** Fifteen digits hold every number exactly. */
const most = 999_999_999_999_999

interface Bounds {
  readonly low: number
  readonly high: number
  readonly isLowOut: boolean
  readonly isHighOut: boolean
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Bounds | undefined {
  const lows = [minimum, exclusiveMinimum].filter((bound) => typeof bound === 'number')
  const highs = [maximum, exclusiveMaximum].filter((bound) => typeof bound === 'number')
  if (lows.length === 0 && highs.length === 0) return undefined
  const low = Math.max(-most, ...lows)
  const high = Math.min(most, ...highs)
  return low > high
    ? undefined
    : { low, high, isLowOut: exclusiveMinimum === low, isHighOut: exclusiveMaximum === high }
}

/** Whole numbers from one to another as alternatives, digit by digit. */
function between(low: number, high: number): readonly string[] {
  if (low > high) return []
  if (high < 0) return between(-high, -low).map((digits) => `"-" ${digits}`)
  if (low < 0) return [...between(1, -low).map((digits) => `"-" ${digits}`), ...between(0, high)]
  const lengths = Array.from(
    { length: String(high).length - String(low).length + 1 },
    (_, at) => at + String(low).length,
  )
  return lengths.flatMap((length) => {
    const from = Math.max(low, length === 1 ? 0 : 10 ** (length - 1))
    const to = Math.min(high, 10 ** length - 1)
    return sameLength(String(from), String(to))
  })
}

/** Both of as many digits. */
function sameLength(low: string, high: string): readonly string[] {
  const [first = '', last = ''] = [low[0], high[0]]
  if (low.length === 1) return [digit(first, last)]
  const rest = low.length - 1
  const [nines, noughts] = ['9'.repeat(rest), '0'.repeat(rest)]
  if (first === last) return sameLength(low.slice(1), high.slice(1)).map((more) => `"${first}" ${more}`)
  const isWholeLow = low.slice(1) === noughts
  const isWholeHigh = high.slice(1) === nines
  const from = isWholeLow ? first : String(Number(first) + 1)
  const to = isWholeHigh ? last : String(Number(last) - 1)
  return [
    ...(isWholeLow ? [] : sameLength(low.slice(1), nines).map((more) => `"${first}" ${more}`)),
    ...(from <= to ? [`${digit(from, to)} [0-9]{${rest}}`] : []),
    ...(isWholeHigh ? [] : sameLength(noughts, high.slice(1)).map((more) => `"${last}" ${more}`)),
  ]
}

function digit(from: string, to: string): string {
  return from === to ? `"${from}"` : `[${from}-${to}]`
}
