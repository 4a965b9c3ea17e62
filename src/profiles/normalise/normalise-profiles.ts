import { LineCounter, isMap, isPair, isScalar, isSeq, parseDocument, stringify } from 'yaml'
import type { Pair, YAMLMap } from 'yaml'

import type { FlagEntry, FlagValue } from '../flags/flag-value.ts'
import type { FlagTable } from '../flags/flag-table.ts'
import { normaliseEntries } from './normalise-entries.ts'
import type { NormalisedEntry } from './normalise-entries.ts'
import { applyEdits, wholeLine } from './text-edit.ts'
import type { TextEdit } from './text-edit.ts'

export interface NormalisedText {
  readonly text: string
  readonly changes: readonly NormaliseNote[]
  /** What could not be put right. */
  readonly problems: readonly NormaliseNote[]
}

export interface NormaliseNote {
  /** From 1. */
  readonly line: number
  readonly profile: string
  readonly message: string
}

/**
 * The flags of every profile in a file, in the words of its binary. Only what changes is written anew; comments, order
 * and the rest of the text stay as they are. Applied to its own result it changes nothing.
 *
 * @param tableOf the flags of a profile's binary; undefined for an engine whose flags are not known.
 * @returns undefined when the text is not YAML.
 */
export function normaliseProfiles(
  text: string,
  tableOf: (profile: {
    readonly name: string
    readonly engine?: string
    readonly binary?: string
  }) => FlagTable | undefined,
): NormalisedText | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: false, prettyErrors: false })
  if (document.errors.length > 0) return undefined
  const edits: TextEdit[] = []
  const changes: NormaliseNote[] = []
  const problems: NormaliseNote[] = []

  for (const { name, body } of profilesOf(document.contents)) {
    const table = tableOf({ name, engine: textAt(body, 'engine'), binary: textAt(body, 'binary') })
    const flags = body.get('flags', true)
    if (table === undefined || !isMap(flags)) continue
    const pairs = flags.items.flatMap((pair) => readPair(pair))
    const results = normaliseEntries(
      pairs.map(({ entry }) => entry),
      table,
    )
    const noteAt = (index: number, message: string): NormaliseNote => {
      return { line: lines.linePos(pairs[index]?.start ?? 0).line, profile: name, message }
    }
    const changed = results.map((result) => !isSame(result))
    results.forEach(({ problem, written, becomes }, index) => {
      if (problem !== undefined) problems.push(noteAt(index, `${written.key}: ${problem}`))
      if (changed[index] === true) changes.push(noteAt(index, describeChange(written, becomes)))
    })
    if (changed.includes(true)) edits.push(...editMap({ text, map: flags, pairs, results }))
  }
  return { text: applyEdits(text, edits), changes, problems }
}

function profilesOf(root: unknown): readonly { readonly name: string; readonly body: YAMLMap }[] {
  const profiles = isMap(root) ? root.get('profiles', true) : undefined
  if (!isMap(profiles)) return []
  return profiles.items.flatMap(({ key, value }) => {
    return isScalar(key) && isMap(value) ? [{ name: String(key.value), body: value }] : []
  })
}

function textAt(map: YAMLMap, key: string): string | undefined {
  const value = map.get(key)
  return typeof value === 'string' && !value.includes('${') ? value : undefined
}

interface WrittenPair {
  readonly entry: FlagEntry
  readonly start: number
  readonly keyEnd: number
  readonly end: number
}

/** Aliases, nested mappings and keys without a value are left alone. */
function readPair(pair: Pair): WrittenPair[] {
  if (!isPair(pair) || !isScalar(pair.key)) return []
  const key = String(pair.key.value)
  const [start = 0, keyEnd = 0] = pair.key.range ?? []
  const node: unknown = pair.value
  if (!isScalar(node) && !isSeq(node)) return []
  const value = flagValue(node.toJSON())
  const end = node.range?.[1]
  return value === undefined || end === undefined ? [] : [{ entry: { key, value }, start, keyEnd, end }]
}

function flagValue(value: unknown): FlagValue | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (!Array.isArray(value)) return undefined
  const items = value.filter((item): item is string | number => typeof item === 'string' || typeof item === 'number')
  return items.length === value.length ? items : undefined
}

function isSame({ written, becomes }: NormalisedEntry): boolean {
  const [only] = becomes
  return (
    becomes.length === 1 && only?.key === written.key && JSON.stringify(only.value) === JSON.stringify(written.value)
  )
}

function describeChange(written: FlagEntry, becomes: readonly FlagEntry[]): string {
  const shown = ({ key, value }: FlagEntry): string => `${key}: ${scalarText(value)}`
  return `${shown(written)} → ${becomes.length === 0 ? '(another entry counts)' : becomes.map(shown).join(', ')}`
}

interface MapEdit {
  readonly text: string
  readonly map: YAMLMap
  readonly pairs: readonly WrittenPair[]
  readonly results: readonly NormalisedEntry[]
}

function editMap({ text, map, pairs, results }: MapEdit): readonly TextEdit[] {
  const isFlow = map.flow === true
  return results.flatMap((result, index): TextEdit[] => {
    const pair = pairs[index]
    if (pair === undefined || isSame(result)) return []
    const [first, ...more] = result.becomes
    if (first === undefined) return [isFlow ? flowRemoval(text, pair) : { ...wholeLine(text, pair), text: '' }]
    const separator = isFlow ? ', ' : `\n${' '.repeat(columnOf(text, pair.start))}`
    const added = more.map((entry) => separator + pairText(entry)).join('')
    const isSameValue = JSON.stringify(first.value) === JSON.stringify(result.written.value)
    // The value's own writing and its quotes stay where only the name is another.
    if (isSameValue && added === '')
      return [{ start: pair.start, end: pair.keyEnd, text: renamedKey(text, pair, first.key) }]
    return [{ start: pair.start, end: pair.end, text: pairText(first) + added }]
  })
}

/** Quotes stay: in braces `"key":value` needs no space after the colon, `key:value` does. */
function renamedKey(text: string, { start }: WrittenPair, key: string): string {
  const quote = text.charAt(start)
  return quote === '"' || quote === "'" ? `${quote}${key}${quote}` : scalarText(key)
}

/** With the comma behind it, or the one before it for the last. */
function flowRemoval(text: string, { start, end }: WrittenPair): TextEdit {
  const behind = /^\s*,\s*/.exec(text.slice(end))?.[0]
  if (behind !== undefined) return { start, end: end + behind.length, text: '' }
  const before = /,\s*$/.exec(text.slice(0, start))?.[0] ?? ''
  return { start: start - before.length, end, text: '' }
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

function pairText({ key, value }: FlagEntry): string {
  return `${scalarText(key)}: ${scalarText(value)}`
}

function scalarText(value: FlagValue): string {
  if (typeof value === 'object') return `[${value.map((item) => scalarText(item)).join(', ')}]`
  return stringify(value, { lineWidth: 0, schema: 'core' }).trimEnd()
}
