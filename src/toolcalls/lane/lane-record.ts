import type { Strictness } from '../../core/call-constraint.ts'
import type { LaneVerdict, ToolLane } from '../../core/tool-lane.ts'

/** What one reply to a request with tools was like. */
export const laneSigns = [
  'native-call',
  'call-in-text',
  'read-call',
  'invalid-arguments',
  'unknown-name',
  'schema-failure',
  'server-error',
  'text',
] as const

export type LaneSign = (typeof laneSigns)[number]

/** What is known of how tools reach one model at one server, as long as neither is built anew. */
export interface LaneRecord {
  readonly build: string
  /** All replies that were looked at. */
  readonly counts: Readonly<Partial<Record<LaneSign, number>>>
  /** The last of them, the latest at the end. */
  readonly recent: readonly LaneSign[]
  /** Found in traffic. */
  readonly learnt?: LaneVerdict
  /** Found by a probe. */
  readonly probed?: LaneVerdict
  readonly strictness: Strictness
  /** Why no grammar is sent. */
  readonly grammarFault?: GrammarFault
}

/** `refused`: the engine cannot read it. `ignored`: what came was not what it allows. */
export type GrammarFault = 'refused' | 'ignored'

export function emptyRecord(build: string): LaneRecord {
  return { build, counts: {}, recent: [], strictness: 'loose' }
}

export interface SignContext {
  readonly lane: ToolLane
  /** The server takes prompts as text. */
  readonly takesPrompts: boolean
  readonly nowMs: number
}

/**
 * The record with one reply more. Two replies of the last ten in which the engine lost the call, in its text or in an error
 * of its own, move the model to the lane in which llmr reads it; two whose arguments did not fit make the grammar say the
 * whole schema.
 */
export function recordAfter(record: LaneRecord, sign: LaneSign, context: SignContext): LaneRecord {
  const recent = [...record.recent, sign].slice(-recentMax)
  const next: LaneRecord = {
    ...record,
    recent,
    counts: { ...record.counts, [sign]: (record.counts[sign] ?? 0) + 1 },
  }
  const learnt = learntFrom(next, context)
  if (learnt !== undefined) return { ...next, learnt, recent: [] }
  const misfits = recent.filter((each) => each === 'schema-failure').length
  return misfits >= switchAt && next.strictness === 'loose' ? { ...next, strictness: 'full' } : next
}

/** The record after a reply that the grammar it was sent with does not allow, or a refusal of that grammar. */
export function recordAfterFault(record: LaneRecord, fault: GrammarFault): LaneRecord {
  // A loose one may be read where the whole schema was too much.
  return record.strictness === 'full'
    ? { ...record, strictness: 'loose', recent: [] }
    : { ...record, grammarFault: fault }
}

const recentMax = 10
const switchAt = 2

function learntFrom({ recent }: LaneRecord, { lane, takesPrompts, nowMs }: SignContext): LaneVerdict | undefined {
  const inText = recent.filter((sign) => sign === 'call-in-text').length
  const errors = recent.filter((sign) => sign === 'server-error').length
  if (inText + errors < switchAt) return undefined
  const better = takesPrompts ? 'raw' : 'checked'
  if (lane === better || lane === 'raw' || lane === 'injected') return undefined
  const what = inText >= errors ? `left ${inText} calls in its text` : `failed at ${errors} replies`
  return { lane: better, reason: `the engine ${what} in ${recent.length} with tools`, atMs: nowMs }
}
