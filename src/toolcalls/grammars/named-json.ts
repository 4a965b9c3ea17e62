import type { NamedJsonRow } from '../formats/reply-format.ts'
import { markersOf, type MarkerSet } from '../parse/marker-set.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { parsedJson } from '../values/coerce-text.ts'
import { readLooseValue } from '../values/loose-value.ts'
import { asSchema } from '../values/schema-types.ts'
import { acceptClose, fences } from './wrapped-json.ts'

/** Name, separator, arguments. */
export function* readNamedJson(
  reader: TextReader,
  row: NamedJsonRow,
  tools: ToolTable,
): Reading<CallDraft[] | undefined> {
  yield* reader.skipSpace()
  const header = yield* reader.collectUntil(nameEnds(row), nameLengthMax)
  const name = callName(header.text)
  const isNumber = /^\s*(?:functions\.)?:?\d+\s*$/.test(header.text)
  if (name === undefined && !isNumber) return undefined
  let sourceId = name?.sourceId
  if (header.marker === undefined) return row.hidesMarker === true && reader.isAtEnd ? [] : undefined
  if (header.marker === '{') reader.giveBack('{')
  else if (header.marker === row.idMarker) {
    const id = yield* reader.collectUntil(nameEnds(row), nameLengthMax)
    sourceId = id.text.trim()
    if (id.marker === '{') reader.giveBack('{')
  }
  yield* reader.acceptAfterSpace(row.nameEnd)
  const fence = yield* reader.acceptAfterSpace(fences)
  yield* reader.skipSpace()
  const isJson = (yield* reader.peek(1)) === '{'
  if (!isJson && name !== undefined && name.name === row.codeTool) return yield* readCode(reader, row, name.name)
  if (!isJson) return undefined
  const { text, isClosed } = yield* reader.balanced()
  const argumentsText = jsonText(text, !isClosed)
  if (argumentsText === undefined) return undefined
  if (fence !== undefined) yield* reader.acceptAfterSpace(['```'])
  yield* acceptClose(reader, row.close)
  const tool = name?.name ?? tools.byArguments(Object.keys(asSchema(JSON.parse(argumentsText)) ?? {}))
  if (tool === undefined) return []
  return [{ name: tool, argumentsText, ...(sourceId !== undefined && { sourceId }) }]
}

function* readCode(reader: TextReader, row: NamedJsonRow, name: string): Reading<CallDraft[] | undefined> {
  const code = yield* reader.collectUntil(markersOf(row.close))
  if (code.text.trim() === '') return undefined
  return [{ name, argumentsText: JSON.stringify({ code: code.text.trim() }) }]
}

/** Longer than any tool's name, with room for an id. */
const nameLengthMax = 256

const endsByRow = new WeakMap<NamedJsonRow, readonly string[]>()

function nameEnds(row: NamedJsonRow): MarkerSet {
  const known = endsByRow.get(row)
  if (known !== undefined) return markersOf(known)
  const ends = [...row.nameEnd, ...(row.idMarker === undefined ? [] : [row.idMarker]), '{', ...row.close]
  endsByRow.set(row, ends)
  return markersOf(ends)
}

/** `functions.read:3` is the call with id `functions.read:3` of the tool `read`. */
export function callName(text: string): { readonly name: string; readonly sourceId?: string } | undefined {
  const written = text.trim()
  const name = written.replace(/^functions?\./, '').replace(/:\d+$/, '')
  if (!/^[\p{L}_][\p{L}\p{N}_.:/-]*$/u.test(name)) return undefined
  return { name, ...(name !== written && { sourceId: written }) }
}

export function jsonText(text: string, mayBeCut: boolean): string | undefined {
  const json = parsedJson(text)
  if (json !== undefined) return json
  const loose = readLooseValue(text, 0, { mayBeCut })
  return loose === undefined ? undefined : JSON.stringify(loose.value)
}
