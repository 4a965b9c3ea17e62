import { nearestName } from '../../core/nearest-name.ts'
import type { Flag } from './flag-table.ts'

export type FlagValue = string | number | boolean | readonly (string | number)[]

/** One flag of a profile. */
export interface FlagEntry {
  /** As it is written, or as the binary calls it once it is normalised. */
  readonly key: string
  readonly value: FlagValue
}

export type CheckedValue = { readonly value: FlagValue } | { readonly value?: undefined; readonly problem: string }

/**
 * A value as this flag wants it. YAML 1.1 writers and people take `on`, `yes`, `true` and `1` for the same, engines do
 * not: a switch has no value at all, `--flash-attn` wants `on`, `--cpu-strict` wants `1`.
 */
export function checkFlagValue(flag: Flag, value: FlagValue): CheckedValue {
  if (flag.placeholder === undefined) return switchValue(value)
  if (Array.isArray(value)) return value.length === 0 ? { problem: 'expected a value, got an empty list' } : { value }
  const { values } = flag
  if (flag.placeholder === 'N') return numberValue(value, values ?? [])
  if (values === undefined)
    return typeof value === 'boolean' ? { problem: `expected a value, got ${value}` } : { value }

  const word = String(value)
  if (values.includes(word)) return { value: word }
  const meant = truthOf(value)
  const [yes, no] = values.includes('on') ? ['on', 'off'] : ['1', '0']
  if (meant !== undefined && values.includes(meant ? yes : no)) return { value: meant ? yes : no }
  const near = nearestName(word, values)
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return { problem: `expected one of ${values.join(', ')}, got ${JSON.stringify(value)}${hint}` }
}

function switchValue(value: FlagValue): CheckedValue {
  const meant = truthOf(value)
  if (meant !== undefined) return { value: meant }
  return { problem: `expected true or false, as this flag is a switch, got ${JSON.stringify(value)}` }
}

function numberValue(value: FlagValue, words: readonly string[]): CheckedValue {
  if (typeof value === 'number') return { value }
  const text = String(value).trim()
  if (typeof value !== 'boolean' && text !== '' && Number.isFinite(Number(text))) return { value: Number(text) }
  if (words.includes(text)) return { value: text }
  const also = words.length === 0 ? '' : `, or one of ${words.join(', ')}`
  return { problem: `expected a number${also}, got ${JSON.stringify(value)}` }
}

/** What was meant by a word for yes or no; undefined for any other. */
export function truthOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 0) return value === 1
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (['true', 'on', 'yes', 'y', '1', 'enabled', 'enable', ''].includes(word)) return true
  if (['false', 'off', 'no', 'n', '0', 'disabled', 'disable'].includes(word)) return false
  return undefined
}
