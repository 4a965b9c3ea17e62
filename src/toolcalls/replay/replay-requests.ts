import { collapseReplays } from '../history/collapse-replays.ts'
import type { GuardedRequest } from '../loop/apply-verdict.ts'
import { detectToolLoop } from '../loop/detect-tool-loop.ts'
import type { LoopFinding, LoopRule } from '../loop/loop-finding.ts'
import { stepsOf, stepsSincePerson } from '../loop/tool-step.ts'
import type { Intervention } from '../prepare/intervention.ts'
import { prepareRequest, type RequestCare } from '../prepare/prepare-request.ts'

/** What would have been done to one request of a recorded run. */
export interface ReplayStep {
  /** From 1. */
  readonly request: number
  readonly messages: number
  /** Rounds of calls that the guard counted. */
  readonly rounds: number
  /** The rule that held, or that one more repeat would make hold. */
  readonly rule?: LoopRule
  readonly count?: number
  readonly threshold?: number
  readonly interventions: readonly Intervention[]
  /** As it would go to the engine; absent when it goes as it came. */
  readonly sent?: GuardedRequest
}

/** Looks at each request as the gateway would have, one by one: nothing is remembered between them. */
export function replayRequests(requests: readonly GuardedRequest[], care: RequestCare): ReplayStep[] {
  return requests.map((request, index) => {
    const { request: sent, interventions, verdict } = prepareRequest(request, care)
    const history = collapseReplays(request.messages).messages
    const steps = care.guard?.preset === 'classic' ? stepsOf(history) : stepsSincePerson(history)
    const finding = verdict === undefined ? nearlyFound(request, care) : foundIn(verdict)
    return {
      request: index + 1,
      messages: request.messages.length,
      rounds: steps.length,
      ...finding,
      interventions,
      ...(interventions.length > 0 && { sent }),
    }
  })
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
export function hasFired(steps: readonly ReplayStep[]): boolean {
  return steps.some(({ interventions }) => interventions.some(({ rule }) => rule !== undefined))
}
