import type { CallConstraint, CallTrigger, Strictness } from '../../core/call-constraint.ts'
import type { CallRow, ChannelRow, ReplyFormat } from '../formats/reply-format.ts'
import type { OfferedTool } from '../parse/tool-table.ts'
import type { CallChoice } from './calls/call-rule-parts.ts'
import { callRule } from './calls/call-rule.ts'
import { channelCallsRule } from './calls/channel-calls-rule.ts'
import { anyOf, GrammarRules, GrammarTooLarge, literal } from './rules/grammar-rules.ts'
import { jsonRule } from './rules/json-rules.ts'
import { untilRule } from './rules/until-rule.ts'

export interface CallGrammarOptions {
  readonly format: ReplyFormat
  /** How the model is asked to write calls; the format's rows otherwise. */
  readonly rows?: readonly CallRow[]
  readonly tools: readonly OfferedTool[]
  readonly strictness: Strictness
  readonly mayCallInParallel: boolean
  /** The reply has to be a call. */
  readonly mustCall: boolean
  /** The prompt ends within a thought. */
  readonly isThinking: boolean
}

/**
 * The grammar that holds a model to the form of a call once it begins one, so that what it writes before stays free. A schema
 * that makes the grammar too large becomes an object of any members. `undefined` where the format's calls have no grammar here:
 * they are read, and checked, all the same.
 */
export function callGrammar(options: CallGrammarOptions): CallConstraint | undefined {
  const { tools, strictness, format } = options
  if (tools.length === 0) return undefined
  const rows = (options.rows ?? format.calls).filter(isWritten)
  const channels = options.rows === undefined ? format.channels : undefined
  if (rows.length === 0 && channels === undefined) return undefined
  for (const wanted of strictness === 'full' ? (['full', 'loose'] as const) : (['loose'] as const)) {
    try {
      return channels === undefined
        ? writeRows(options, rows, wanted)
        : writeChannels({ ...options, strictness: wanted }, channels)
    } catch (error) {
      if (!(error instanceof GrammarTooLarge)) throw error
    }
  }
  return undefined
}

/** JSON that may stand anywhere begins like any other JSON in an answer. */
function isWritten(row: CallRow): boolean {
  return row.grammar !== 'bare-json' || row.open.includes('{')
}

function writeChannels(options: CallGrammarOptions, { calls, bodyEnd }: ChannelRow): CallConstraint {
  const rules = new GrammarRules()
  const { mustCall, strictness } = options
  const { body } = calls
  const inner = body.kind === 'calls' ? body.format : undefined
  const innerCalls = inner === undefined ? '' : callsRule({ ...options, rules, forbidden: bodyEnd }, inner, inner.calls)
  const root = channelCallsRule({ ...options, rules, calls, innerCalls })
  return { grammar: rules.text(root), triggers: mustCall ? [] : calls.triggers, strictness }
}

function writeRows(options: CallGrammarOptions, rows: readonly CallRow[], strictness: Strictness): CallConstraint {
  const { format, mustCall, isThinking, tools } = options
  const rules = new GrammarRules()
  const ws = jsonRule(rules, 'ws')
  const calls = callsRule({ ...options, strictness, rules }, format, rows)
  const thought = mustCall && isThinking ? thoughtRule(rules, format) : ''
  return {
    grammar: rules.text(mustCall ? `${thought} ${ws} ${calls}`.trim() : calls),
    triggers: mustCall ? [] : triggersOf(rows, sectionsOf(format, rows), tools),
    strictness,
  }
}

/** A reply keeps to one way of writing them. */
function callsRule(choice: CallChoice, format: ReplyFormat, rows: readonly CallRow[]): string {
  const { rules, mayCallInParallel } = choice
  const ws = jsonRule(rules, 'ws')
  const sections = sectionsOf(format, rows)
  const ofRow = (row: CallRow): string => {
    const call = rules.add('call', anyOf(callRule({ ...choice, row })))
    const inSections = isMarked(row)
      ? sections.map((section) => inSection({ ...section, call, ws, mayCallInParallel }))
      : []
    const unit = rules.add('unit', anyOf([call, ...inSections]))
    if (!mayCallInParallel || row.grammar === 'bare-expression') return unit
    const next = isMarked(row) ? ws : `${ws} ";" ${ws}`
    return rules.add('calls', `${unit} ( ${next} ${unit} )*`)
  }
  return anyOf(rows.map(ofRow))
}

interface Section {
  readonly open: string
  readonly close: string
}

/** A marker that opens a call as well opens no section around it. */
function sectionsOf({ sections = [] }: ReplyFormat, rows: readonly CallRow[]): readonly Section[] {
  const openings = new Set(rows.flatMap(({ open }) => open))
  return sections.filter(({ open }) => !openings.has(open))
}

function inSection(parts: Section & { call: string; ws: string; mayCallInParallel: boolean }): string {
  const { open, close, call, ws, mayCallInParallel } = parts
  const more = mayCallInParallel ? ` ( ${ws} ${call} )*` : ''
  return `${literal(open)} ${ws} ${call}${more} ${ws} ${literal(close)}`
}

/** Ends in its own marker; a thought that is held to a call would be none. */
function thoughtRule(rules: GrammarRules, { reasoning }: ReplyFormat): string {
  const [close] = reasoning?.close ?? []
  return close === undefined ? '' : untilRule(rules, close)
}

function triggersOf(
  rows: readonly CallRow[],
  sections: readonly Section[],
  tools: readonly OfferedTool[],
): readonly CallTrigger[] {
  const words = [...sections.map(({ open }) => open), ...rows.filter(isMarked).flatMap(({ open }) => open)]
  const bare = rows.flatMap((row): CallTrigger[] => {
    if (row.grammar === 'bare-json') return [{ kind: 'pattern', text: bareStart }]
    return row.grammar === 'bare-expression' ? [{ kind: 'pattern', text: listStart(tools) }] : []
  })
  return [...Array.from(new Set(words), (text): CallTrigger => ({ kind: 'word', text })), ...bare]
}

function isMarked({ grammar }: CallRow): boolean {
  return grammar !== 'bare-json' && grammar !== 'bare-expression'
}

/** A reply that is nothing but an object whose first member names a tool. */
const bareStart = String.raw`^\s*(\{\s*"(?:name|function|type)")[\s\S]*`

/** A reply that is nothing but a list whose first item is a call of a tool. */
function listStart(tools: readonly OfferedTool[]): string {
  const names = tools.map(({ name }) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return String.raw`^\s*(\[\s*(?:${names.join('|')})\()[\s\S]*`
}
