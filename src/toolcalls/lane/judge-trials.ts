import { type ToolTrial, trialTool } from '../../core/tool-trial.ts'
import type { ToolLane } from '../../core/tool-lane.ts'
import { validateArguments } from '../arguments/validate-arguments.ts'
import type { ReplyFormat } from '../formats/reply-format.ts'
import { createReplyParser } from '../parse/reply-parser.ts'

export interface TrialCircumstances {
  readonly format: ReplyFormat
  readonly takesPrompts: boolean
  /** Tools were seen in the prompt. */
  readonly rendersTools: boolean | undefined
}

export interface TrialVerdict {
  readonly lane: ToolLane
  readonly reason: string
}

/** The lane that a model belongs on by what it did in trials. One that fails lowers the lane, and never the model. */
export function judgeTrials(trials: readonly ToolTrial[], circumstances: TrialCircumstances): TrialVerdict | undefined {
  const { takesPrompts, rendersTools, format } = circumstances
  const answered = trials.filter(({ status }) => status < 300)
  const past: ToolLane = takesPrompts ? 'raw' : 'checked'
  const refused = trials.find(({ status }) => status === 400 || status === 404 || status === 501)
  if (refused !== undefined && answered.length === 0) {
    return { lane: 'injected', reason: `the engine refuses tools: ${(refused.message ?? '').slice(0, 120)}` }
  }
  const failed = trials.find(({ status }) => status >= 500)
  if (failed !== undefined) {
    return {
      lane: takesPrompts ? 'raw' : 'injected',
      reason: `the engine fails at a reply with tools (${failed.status})`,
    }
  }
  if (answered.length === 0) return undefined
  if (answered.some((trial) => trial.calls.length === 0 && hasCall(trial.text, format))) {
    return { lane: past, reason: 'the engine leaves calls in its text' }
  }
  const auto = trials.find(({ step }) => step === 'auto')
  if (auto?.calls.some(isRight) === true) return { lane: 'native', reason: nativeReason(trials) }
  if (answered.some(({ calls }) => calls.length > 0 && !calls.some(isRight))) {
    return { lane: past, reason: 'its calls do not fit the tool' }
  }
  return rendersTools === true
    ? { lane: 'native', reason: 'it called no tool when told to' }
    : { lane: 'injected', reason: 'it called no tool when told to, and may never have heard of one' }
}

function nativeReason(trials: readonly ToolTrial[]): string {
  const required = trials.find(({ step }) => step === 'required')
  const isIgnored = required !== undefined && required.status < 300 && required.calls.length === 0
  return isIgnored ? 'it calls tools, and is not held to tool_choice: required' : 'it calls tools when told to'
}

function isRight({ name, argumentsText }: ToolTrial['calls'][number]): boolean {
  return name === trialTool.name && validateArguments(argumentsText, trialTool.parameters).problems.length === 0
}

function hasCall(text: string, format: ReplyFormat): boolean {
  const parser = createReplyParser({ format, tools: [trialTool], mintId: () => 'trial' })
  const events = [...parser.push(text), ...parser.end()]
  return events.some((event) => event.type === 'call-start' && event.name === trialTool.name)
}
