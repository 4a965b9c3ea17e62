import type { WrappedJsonRow } from '../formats/reply-format.ts'
import { markersOf } from '../parse/marker-set.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { draftsOfJson } from './drafts-of-json.ts'

/** Objects or arrays one after the other until the closing marker; one that is broken is left out if another is whole. */
export function* readWrappedJson(
  reader: TextReader,
  row: WrappedJsonRow,
  tools: ToolTable,
): Reading<CallDraft[] | undefined> {
  const drafts: CallDraft[] = []
  yield* reader.skipSpace()
  const fence = yield* reader.accept(fences)
  if ((yield* reader.accept(row.close)) !== undefined) return []
  if (row.skipsNoise === true) {
    const { marker } = yield* reader.collectUntil(markersOf(arrayStarts), noiseMax)
    if (marker === undefined) return undefined
    reader.giveBack(marker)
  }
  for (let count = 0; ; count++) {
    yield* reader.skipSpace()
    const next = yield* reader.peek(1)
    if (next !== '{' && next !== '[') {
      if (count === 0) return undefined
      break
    }
    const value = yield* readValue(reader, row, tools)
    // A broken object may have whole ones behind it; brackets that hold no calls are prose.
    if (value === undefined && next === '[') return undefined
    drafts.push(...(value ?? []))
    if (fence !== undefined) yield* reader.acceptAfterSpace(['```'])
    if (yield* acceptClose(reader, row.close)) break
    if ((yield* reader.acceptAfterSpace(separators)) === undefined && !(yield* isValueNext(reader))) break
  }
  if (drafts.length === 0) return undefined
  return drafts.filter((draft) => row.pseudoTools?.includes(draft.name) !== true)
}

/** One value; a string that never ends is cut at the closing marker, where a second look may repair it. */
function* readValue(reader: TextReader, row: WrappedJsonRow, tools: ToolTable): Reading<CallDraft[] | undefined> {
  const isNameTheKey = row.isNameTheKey === true
  const { text, isClosed } = yield* reader.balanced()
  if (isClosed) return draftsOfJson(text, { isNameTheKey, tools })
  const closings = row.close.map((close) => text.indexOf(close)).filter((index) => index !== -1)
  const end = closings.length === 0 ? text.length : Math.min(...closings)
  const rest = text.slice(end)
  const drafts = draftsOfJson(text.slice(0, end), { isNameTheKey, mayBeCut: true, tools })
  if (drafts !== undefined && reader.mayReread(rest.length)) reader.giveBack(rest)
  return drafts
}

function* isValueNext(reader: TextReader): Reading<boolean> {
  const space = yield* reader.skipSpace()
  const next = yield* reader.peek(1)
  reader.giveBack(space)
  return next === '{' || next === '['
}

/** The closing marker, one bracket too many before it forgiven. */
export function* acceptClose(reader: TextReader, close: readonly string[]): Reading<boolean> {
  if (close.length === 0) return false
  const surplus = yield* reader.acceptAfterSpace(['}', ']'])
  const found = yield* reader.acceptAfterSpace(close)
  if (found === undefined && surplus !== undefined) reader.giveBack(surplus)
  return found !== undefined
}

const arrayStarts = ['[{', '[ {', '[\n'] as const
/** Characters. */
const noiseMax = 128

export const fences = ['```json', '```tool_call', '```'] as const
const separators = [',', ';'] as const
