import type { ExpressionRow } from '../formats/reply-format.ts'
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
  const drafts: CallDraft[] = []
  for (;;) {
    yield* reader.skipSpace()
    const next = yield* reader.peek(1)
    if (!/[\p{L}_[{]/u.test(next)) break
    const { text, isClosed } = yield* reader.balanced(row.rawQuote)
    const read = isClosed ? draftsOf(text, row, tools) : undefined
    if (read === undefined) return undefined
    drafts.push(...read)
    yield* reader.acceptAfterSpace([',', ';'])
  }
  const isEmpty = drafts.length === 0
  if (isEmpty && (yield* reader.accept(row.close)) === undefined) return undefined
  if (!isEmpty) yield* acceptClose(reader, row.close)
  return drafts
}

function draftsOf(text: string, row: ExpressionRow, tools: ToolTable): CallDraft[] | undefined {
  if (/^\[?\s*\{/.test(text)) return draftsOfJson(text)
  return row.style === 'python' ? parseCallExpressions(text, tools) : parseBraceCall(text, row.rawQuote)
}
