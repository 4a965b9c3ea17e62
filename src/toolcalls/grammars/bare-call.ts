import type { BareExpressionRow, BareJsonRow } from '../formats/reply-format.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { parseCallExpressions } from './call-expressions.ts'
import { argumentKeys, draftsOfJson, nameKeys } from './drafts-of-json.ts'

/** JSON that no marker announces. Given up at the first character that shows it is something else. */
export function* readBareJson(reader: TextReader, opening: string, tools: ToolTable): Reading<CallDraft[] | undefined> {
  const isFenced = opening.startsWith('`')
  if (isFenced) {
    yield* reader.accept([opening])
    yield* reader.skipSpace()
  }
  if (!(yield* looksLike(reader, couldBeCallJson))) return undefined
  const drafts: CallDraft[] = []
  do {
    yield* reader.skipSpace()
    if (!/^[{[]/.test(yield* reader.peek(1))) return undefined
    const { text, isClosed } = yield* reader.balanced()
    const read = isClosed ? draftsOfJson(text) : undefined
    if (read === undefined || read.length === 0) return undefined
    drafts.push(...read)
  } while (yield* isMoreNext(reader, isFenced))
  if (isFenced) yield* reader.acceptAfterSpace(['```'])
  return drafts.every((draft) => tools.mayBe(draft.name)) ? drafts : undefined
}

/** Behind a semicolon; in a fence also in the next line. */
function* isMoreNext(reader: TextReader, isFenced: boolean): Reading<boolean> {
  if ((yield* reader.acceptAfterSpace([';'])) !== undefined) return true
  if (!isFenced) return false
  const space = yield* reader.skipSpace()
  const next = yield* reader.peek(1)
  reader.giveBack(space)
  return next === '{'
}

export function* readBareExpression(reader: TextReader, tools: ToolTable): Reading<CallDraft[] | undefined> {
  if (!(yield* looksLike(reader, couldBeExpression))) return undefined
  const { text, isClosed } = yield* reader.balanced()
  // At the end of the text the last bracket may be missing.
  const drafts = parseCallExpressions(isClosed ? text : `${text}]`, tools)
  return drafts?.every((draft) => tools.mayBe(draft.name)) === true ? drafts : undefined
}

/** What follows an opening shows at once that it is no call: most brackets of a text are let go by this. */
export function isNoBareCall(row: BareJsonRow | BareExpressionRow, opening: string, following: string): boolean {
  if (following === '' || opening.startsWith('`')) return false
  if (row.grammar === 'bare-expression') return !/[\p{L}_\s]/u.test(following)
  return !(opening === '{' ? objectStart : listStart).test(following)
}

const objectStart = /["'\s]/
const listStart = /[{\s]/

type Likeness = 'yes' | 'no' | 'unknown'

/** Asks with one more character each time, so that prose in brackets is held back for a few characters only. */
function* looksLike(reader: TextReader, judge: (start: string) => Likeness): Reading<boolean> {
  for (let length = 1; length <= startMax; length++) {
    const start = yield* reader.peek(length)
    const likeness = judge(start)
    if (likeness !== 'unknown') return likeness === 'yes'
    if (start.length < length) return false
  }
  return false
}

const startMax = 128

const firstKeys = [...nameKeys, ...argumentKeys, 'id', 'type', 'tool_calls'].flatMap((key) => [`"${key}"`, `'${key}'`])

function couldBeCallJson(start: string): Likeness {
  const rest = start.replace(/^\s*\[?\s*\{\s*/, '')
  if (rest.length === start.length) return /^\s*\[?\s*$/.test(start) ? 'unknown' : 'no'
  if (firstKeys.some((key) => rest.startsWith(key))) return 'yes'
  return firstKeys.some((key) => key.startsWith(rest)) ? 'unknown' : 'no'
}

function couldBeExpression(start: string): Likeness {
  if (/^\[\s*[\p{L}_][\p{L}\p{N}_.-]*\s*\(/u.test(start)) return 'yes'
  return /^\[\s*(?:[\p{L}_][\p{L}\p{N}_.-]*\s*)?$/u.test(start) ? 'unknown' : 'no'
}
