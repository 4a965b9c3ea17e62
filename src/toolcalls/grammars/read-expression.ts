import type { ExpressionRow } from '../formats/reply-format.ts'
import { markersOf } from '../parse/marker-set.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { parseBraceCall, parseCallExpressions } from './call-expressions.ts'
import { draftsOfJson } from './drafts-of-json.ts'
import { acceptClose } from './wrapped-json.ts'

/** Expressions one after the other until the closing marker. JSON is taken too: models trained on both mix them. */
export function* readExpressions(
  reader: TextReader,
  row: ExpressionRow,
  tools: ToolTable,
): Reading<CallDraft[] | undefined> {
  if (row.style === 'braces') return yield* readBraces(reader, row)
  const drafts: CallDraft[] = []
  for (;;) {
    yield* reader.skipSpace()
    const next = yield* reader.peek(1)
    if (!/[\p{L}_[{]/u.test(next)) break
    const { text, isClosed } = yield* reader.balanced()
    const read = isClosed ? draftsOf(text, tools) : undefined
    if (read === undefined) return undefined
    drafts.push(...read)
    yield* reader.acceptAfterSpace([',', ';'])
  }
  const isEmpty = drafts.length === 0
  if (isEmpty && (yield* reader.accept(row.close)) === undefined) return undefined
  if (!isEmpty) yield* acceptClose(reader, row.close)
  return drafts
}

/** The closing marker is one token: it ends the call even where a quote or a brace was lost. */
function* readBraces(reader: TextReader, row: ExpressionRow): Reading<CallDraft[] | undefined> {
  const { text, marker } = yield* reader.collectUntil(markersOf(row.close))
  const quote = row.rawQuote ?? '"'
  const body = text.trim()
  const open = withoutBraces(body)
  // Without the marker the reply was cut, and what is missing may be half a value.
  const readings = marker === undefined ? [body] : [body, `${body}}`, `${open}${quote}}`, `${open}${quote}]}`]
  for (const reading of readings) {
    const drafts = parseBraceCall(reading, row.rawQuote)
    if (drafts === undefined) continue
    while ((yield* reader.accept(row.close)) !== undefined);
    return drafts
  }
  return undefined
}

/** Not by a pattern, which would look for the end once for each brace of a model that writes nothing else. */
function withoutBraces(text: string): string {
  let end = text.length
  while (text[end - 1] === '}') end--
  return text.slice(0, end)
}

function draftsOf(text: string, tools: ToolTable): CallDraft[] | undefined {
  if (/^\[?\s*\{/.test(text)) return draftsOfJson(text)
  return parseCallExpressions(text, tools)
}
