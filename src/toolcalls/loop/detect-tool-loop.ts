import type { Message } from '../../core/chat/message.ts'
import { collapseReplays } from '../history/collapse-replays.ts'
import { classicFinding } from './classic-rules.ts'
import type { LoopAction, LoopFinding, LoopVerdict } from './loop-finding.ts'
import { progressPreset, type LoopOptions } from './loop-options.ts'
import { progressFinding } from './progress-rules.ts'
import { stepsOf, stepsSincePerson } from './tool-step.ts'

/**
 * Whether this history goes round in circles, and what to do about it. A function of the history alone: the same request
 * gets the same verdict on every machine. Replays do not count as repeats.
 */
export function detectToolLoop(
  messages: readonly Message[],
  options: LoopOptions = progressPreset,
): LoopVerdict | undefined {
  const history = collapseReplays(messages).messages
  const isClassic = options.preset === 'classic'
  const steps = isClassic ? stepsOf(history) : stepsSincePerson(history)
  const finding = isClassic ? classicFinding(steps, options) : progressFinding(steps, options)
  if (finding === undefined) return undefined
  return {
    ...finding,
    action: isClassic ? 'final-answer' : actionOf(finding),
    reason: `${finding.rule}: ${finding.count} of ${finding.threshold}, ${finding.tools.join(', ')}`,
  }
}

/** The rung follows from how often the history went on past the threshold: no state is kept between requests. */
function actionOf({ rule, excess }: LoopFinding): LoopAction {
  if (rule === 'turn-cap') return excess >= 0 ? 'final-answer' : 'nudge'
  if (excess >= 2) return 'final-answer'
  return excess === 1 ? 'remove-tool' : 'nudge'
}
