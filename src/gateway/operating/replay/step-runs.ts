import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Step, StepRun } from '../../../tui/step/step-run.ts'
import { lineDiff, withContext } from './line-diff.ts'
import { replyDone } from './format-replies.ts'
import { doneTo, kindOf, laneOf, ruleOf } from './replay-words.ts'
import type { ReplayedRequest, TranscriptReplay } from './replay-transcripts.ts'
import { requestLines } from './request-lines.ts'

/**
 * Runs to be walked through: each request with what is changed in it.
 *
 * @param others the same runs under another configuration: what is shown is then what that one changes
 */
export function stepRuns(replays: readonly TranscriptReplay[], others?: readonly TranscriptReplay[]): StepRun[] {
  return replays.map(({ id, model, requests }, run) => ({
    title: model === undefined ? id : `${id}  (${model})`,
    steps: requests.map((request, index) => {
      const other = others?.[run]?.requests[index]
      return other === undefined ? stepOf(request) : stepBetween(request, other)
    }),
  }))
}

function stepOf(request: ReplayedRequest): Step {
  const { came, sent, interventions } = request
  const isGuarded = interventions.some(({ rule }) => rule !== undefined)
  return {
    facts: [
      ...factsOf(request),
      ['rule', ruleOf(request)],
      ['lane', laneOf(request)],
      ['done', doneTo(request)],
      ...(request.reply === undefined ? [] : [['reply', replyDone(request)] as const]),
    ],
    weight: isGuarded ? 'guarded' : sent === came ? 'none' : 'changed',
    ...linesBetween(came, sent),
  }
}

function stepBetween(now: ReplayedRequest, then: ReplayedRequest): Step {
  const lines = linesBetween(now.sent, then.sent)
  const [before, after] = [doneTo(now), doneTo(then)]
  return {
    facts: [...factsOf(now), ['now', `${before}, lane ${laneOf(now)}`], ['then', `${after}, lane ${laneOf(then)}`]],
    weight: before !== after || lines.changes.length > 0 ? 'changed' : 'none',
    ...lines,
  }
}

function factsOf(request: ReplayedRequest): Step['facts'] {
  const { came, rounds, classification } = request
  return [
    ['kind', `${kindOf(request)} (${classification.evidence})`],
    ['history', `${came.messages.length} messages, ${rounds} rounds`],
  ]
}

const contextLines = 3

function linesBetween(before: ChatRequest, after: ChatRequest): Pick<Step, 'lines' | 'changes'> {
  const lines = lineDiff(requestLines(before), requestLines(after))
  return { lines, changes: withContext(lines, contextLines) }
}
