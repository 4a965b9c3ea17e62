import { collapseReplays } from '../history/collapse-replays.ts'
import type { GuardedRequest } from '../loop/apply-verdict.ts'
import { detectToolLoop } from '../loop/detect-tool-loop.ts'
import type { LoopFinding, LoopRule } from '../loop/loop-finding.ts'
import { stepsOf, stepsSincePerson } from '../loop/tool-step.ts'
import type { Intervention } from '../prepare/intervention.ts'
import { prepareRequest, type RequestCare } from '../prepare/prepare-request.ts'

/** What would have been done to one request of a recorded run. */
export interface ReplayStep {
  /** Rounds of calls that the guard counted. */
  readonly rounds: number
  /** The rule that held, or that one more repeat would make hold. */
  readonly rule?: LoopRule
  readonly count?: number
  readonly threshold?: number
  readonly interventions: readonly Intervention[]
  /** As it would go on; the very request that came when nothing is done about it. */
  readonly prepared: GuardedRequest
}

/** Looks at one request as the gateway would have: nothing is remembered of those before it. */
export function replayRequest(request: GuardedRequest, care: RequestCare): ReplayStep {
  const { request: prepared, interventions, verdict } = prepareRequest(request, care)
  const history = collapseReplays(request.messages).messages
  const steps = care.guard?.preset === 'classic' ? stepsOf(history) : stepsSincePerson(history)
  const finding = verdict === undefined ? nearlyFound(request, care) : foundIn(verdict)
  return { rounds: steps.length, ...finding, interventions, prepared }
}

function foundIn({ rule, count, threshold }: LoopFinding): Pick<ReplayStep, 'rule' | 'count' | 'threshold'> {
  return { rule, count, threshold }
}

/** What one more repeat would make a loop. */
function nearlyFound({ messages, tools }: GuardedRequest, { guard }: RequestCare) {
  if (guard === undefined || guard.repeatThreshold <= 2) return undefined
  const found = detectToolLoop(messages, { ...guard, tools, repeatThreshold: guard.repeatThreshold - 1 })
  return found && { ...foundIn(found), threshold: found.threshold + 1 }
}

/** A guard fired in one of these. */
export function hasFired(steps: readonly Pick<ReplayStep, 'interventions'>[]): boolean {
  return steps.some(({ interventions }) => interventions.some(({ rule }) => rule !== undefined))
}
