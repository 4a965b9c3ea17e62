import type { CallRow } from '../formats/reply-format.ts'
import type { CallDraft } from '../parse/reply-event.ts'
import type { Reading, TextReader } from '../parse/text-reader.ts'
import type { ToolTable } from '../parse/tool-table.ts'
import { readBareExpression, readBareJson } from './bare-call.ts'
import { readNamedJson } from './named-json.ts'
import { readNestedTags } from './nested-tags.ts'
import { readExpressions } from './read-expression.ts'
import { readTagged } from './tagged-arguments.ts'
import { readWrappedJson } from './wrapped-json.ts'

/** Reads what follows `marker` by the row's grammar. `undefined`: it is no call; an empty list: nothing, to be swallowed. */
export function readCall(
  reader: TextReader,
  row: CallRow,
  marker: string,
  tools: ToolTable,
): Reading<CallDraft[] | undefined> {
  switch (row.grammar) {
    case 'wrapped-json':
      return readWrappedJson(reader, row, tools)
    case 'named-json':
      return readNamedJson(reader, row, tools)
    case 'tagged':
      return readTagged(reader, row, tools)
    case 'nested-tags':
      return readNestedTags(reader, row, tools)
    case 'expression':
      return readExpressions(reader, row, tools)
    case 'bare-json':
      return readBareJson(reader, marker, tools)
    case 'bare-expression':
      return readBareExpression(reader, tools)
  }
}
