import type { Strictness } from '../../../core/call-constraint.ts'
import type { CallRow } from '../../formats/reply-format.ts'
import type { OfferedTool } from '../../parse/tool-table.ts'
import type { GrammarRules } from '../rules/grammar-rules.ts'

/** Which calls a rule is to allow. */
export interface CallChoice {
  readonly rules: GrammarRules
  readonly tools: readonly OfferedTool[]
  readonly strictness: Strictness
  readonly mayCallInParallel: boolean
  /** What ends the whole message wherever it stands, so that no value may hold it. */
  readonly forbidden?: readonly string[]
}

/** What the rule for the calls of one row is made of. */
export interface CallRuleParts<Row extends CallRow = CallRow> extends CallChoice {
  readonly row: Row
}
