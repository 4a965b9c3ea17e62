import { collapseReplays } from '../history/collapse-replays.ts'
import { repairHistory, type HistoryRepair } from '../history/repair-history.ts'
import { applyVerdict, type GuardedRequest } from '../loop/apply-verdict.ts'
import { detectToolLoop } from '../loop/detect-tool-loop.ts'
import type { LoopVerdict } from '../loop/loop-finding.ts'
import type { LoopOptions } from '../loop/loop-options.ts'
import { nextFileHint, withHint } from '../loop/next-file-hint.ts'
import type { Intervention } from './intervention.ts'

/** What is done to requests with tools. */
export interface RequestCare {
  /** Replays are left out, and histories that engines refuse are put right. */
  readonly repairs: boolean
  /** When a run counts as a loop; absent: never. */
  readonly guard: LoopOptions | undefined
  /** After a listing the model is told which file to read. */
  readonly hints: boolean
}

export const noCare: RequestCare = { repairs: false, guard: undefined, hints: false }

export interface PreparedRequest {
  /** The very request that came when nothing was to be done. */
  readonly request: GuardedRequest
  /** What was done, in this order. */
  readonly interventions: readonly Intervention[]
  /** What the guard saw, if it saw a loop. */
  readonly verdict: LoopVerdict | undefined
}

/**
 * The request as the engine gets it. A function of the request alone, so that a recorded one can be looked at again:
 *
 * 1. replays are left out, before anything counts them;
 * 2. the history is put right;
 * 3. a loop is answered;
 * 4. without one, a listing that nothing was read of gets its hint: before the first repeat.
 */
export function prepareRequest(request: GuardedRequest, { repairs, guard, hints }: RequestCare): PreparedRequest {
  const interventions: Intervention[] = []
  let prepared = request
  if (repairs) {
    const { messages, collapsed } = collapseReplays(request.messages)
    if (collapsed > 0)
      interventions.push({ kind: 'replays-collapsed', detail: collapsed === 1 ? '1 round' : `${collapsed} rounds` })
    const repaired = repairHistory(messages)
    if (repaired.repairs.length > 0) interventions.push({ kind: 'history-repaired', detail: told(repaired.repairs) })
    if (repaired.messages !== request.messages) prepared = { ...prepared, messages: repaired.messages }
  }
  const verdict = guard && detectToolLoop(prepared.messages, { ...guard, tools: request.tools })
  if (verdict !== undefined) {
    const guarded = applyVerdict(prepared, verdict)
    // Where the tool was the only one, nothing but an answer is left.
    const kind = verdict.action === 'remove-tool' && guarded.tools.length === 0 ? 'final-answer' : verdict.action
    interventions.push({ kind, rule: verdict.rule, detail: verdict.reason.slice(0, detailMax) })
    return { request: guarded, interventions, verdict }
  }
  const names = request.tools.map(({ name }) => name)
  const hint = hints ? nextFileHint(prepared.messages, names) : undefined
  if (hint !== undefined) {
    interventions.push({ kind: 'next-file-hint', detail: 'files found, none read' })
    prepared = { ...prepared, messages: withHint(prepared.messages, hint) }
  }
  return { request: prepared, interventions, verdict }
}

/** Characters; names of tools are the client's, and may be of any length. */
const detailMax = 200

function told(repairs: readonly HistoryRepair[]): string {
  const counts = Map.groupBy(repairs, ({ kind }) => kind)
  return Array.from(counts, ([kind, { length }]) => (length === 1 ? kind : `${length}× ${kind}`)).join(', ')
}
