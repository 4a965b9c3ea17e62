import type { Strictness } from '../../core/call-constraint.ts'
import type { CallRow } from '../formats/reply-format.ts'
import type { OfferedTool } from '../parse/tool-table.ts'
import type { GrammarRules } from './grammar-rules.ts'

/** What the rule for the calls of one row is made of. */
export interface CallRuleParts<Row extends CallRow = CallRow> {
  readonly rules: GrammarRules
  readonly row: Row
  readonly tools: readonly OfferedTool[]
  readonly strictness: Strictness
  readonly mayCallInParallel: boolean
}
