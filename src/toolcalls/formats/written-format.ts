import { asSchema } from '../values/schema-types.ts'
import type { CallRow, ReplyFormat } from './reply-format.ts'
import { replyFormat } from './reply-formats.ts'

/** A format as JSON: by its id where it is one of ours, else its row, which was read off a template. */
export function writeFormat(format: ReplyFormat): string | object {
  if (replyFormat(format.id) === format) return format.id
  const { channels: _functions, ...row } = format
  return row
}

/** What `writeFormat` wrote; undefined for anything else. */
export function readFormat(written: unknown): ReplyFormat | undefined {
  if (typeof written === 'string') return replyFormat(written).id === written ? replyFormat(written) : undefined
  return isFormat(written) ? written : undefined
}

function isFormat(value: unknown): value is ReplyFormat {
  const row = asSchema(value)
  const calls = row?.['calls']
  const reasoning = row?.['reasoning']
  return (
    typeof row?.['id'] === 'string' &&
    Array.isArray(calls) &&
    calls.every(isCallRow) &&
    (reasoning === undefined || has(reasoning, ['open', 'close'], ['closeBefore'])) &&
    has(row, [], ['promptMarkers', 'silent']) &&
    isListOr(row['sections'], isSection)
  )
}

/** The fields of each grammar that are lists of texts, and those that may be missing. */
const lists: Readonly<Record<CallRow['grammar'], readonly string[]>> = {
  'wrapped-json': ['open', 'close'],
  'named-json': ['open', 'nameEnd', 'close'],
  tagged: ['open', 'headerEnd', 'close'],
  'nested-tags': ['open'],
  expression: ['open', 'close'],
  'bare-json': ['open'],
  'bare-expression': ['open'],
}

function isCallRow(value: unknown): boolean {
  const grammar = asSchema(value)?.['grammar']
  const row = Object.entries(lists).find(([name]) => name === grammar)
  if (row === undefined || !has(value, row[1], [])) return false
  return grammar !== 'tagged' || has(asSchema(value)?.['parameter'], ['open', 'headerEnd', 'close'], ['closeBefore'])
}

function has(value: unknown, required: readonly string[], optional: readonly string[]): boolean {
  const row = asSchema(value)
  if (row === undefined) return false
  return required.every((name) => isTexts(row[name])) && optional.every((name) => isListOr(row[name], isText))
}

function isSection(value: unknown): boolean {
  const section = asSchema(value)
  return isText(section?.['open']) && isText(section?.['close'])
}

function isListOr(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isItem))
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
