import { BackendFailure } from '../../../backends/failure.ts'
import type { CallConstraint } from '../../../core/call-constraint.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import { callGrammar } from '../../../toolcalls/constrain/call-grammar.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { callStyleOf, type CallStyle } from '../../../toolcalls/inject/call-style.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { formatOfFacts } from '../../../toolcalls/lane/format-of-facts.ts'
import type { ReplyForm } from '../../../toolcalls/reply/lane-stage.ts'
import { requestOfLane } from '../../../toolcalls/lane/request-of-lane.ts'
import { isThinking, type ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import { adapterFor } from '../upstream-request.ts'
import { chatLane, withoutPrompts } from './chat-lane.ts'
import { callStage } from './lane-reader.ts'
import { PromptSender } from './prompt-sender.ts'
import type { OpenLane, TakenLane } from './taken-lane.ts'

/** What the engine does by itself it does in a chat, and pictures have no place in a prompt of text. */
export function canBePrompt({ backend, intake, call }: OpenLane, name: ToolLane): name is 'raw' | 'injected' {
  const isWanted = (name === 'raw' || name === 'injected') && offeredTools(call.request).length > 0
  return isWanted && adapterFor(backend).prompted !== undefined && intake.outline?.hasImages !== true
}

/** The engine's template makes the prompt of the chat, with or without its own words for tools. */
export async function promptLane(lane: OpenLane, name: 'raw' | 'injected', reason: string): Promise<TakenLane> {
  const { exchange, intake, candidate, backend, parts, call } = lane
  const facts = await parts.lanes.facts(backend, candidate.model)
  const { prompted } = adapterFor(backend)
  if (facts?.takesPrompts !== true || prompted === undefined) {
    return chatLane(lane, withoutPrompts(name), `${reason}; the engine makes no prompts`)
  }
  const style = callStyleOf(candidate.model)
  const { format } = formatOfFacts(facts, candidate.model)
  const read = name === 'raw' ? format : { ...style.format, reasoning: format.reasoning ?? style.format.reasoning }
  const restate = (request: ChatRequest): ChatRequest => requestOfLane(request, name, style)
  const sender = new PromptSender({
    ...lane,
    prompted,
    facts,
    format: read,
    constrain: (start) => constraintFor(lane, { name, start, format: read, style }),
  })
  const chat = { ...call, request: restate(call.request) }
  const left = new AbortController()
  exchange.onClientGone(() => left.abort(new Error('the client is gone')))
  try {
    const request = await sender.write({ ...intake, chat }, left.signal)
    exchange.note('lane', `${name}: ${reason}`)
    const isHeld = (): boolean => sender.constraint !== undefined
    const form = (): ReplyForm => ({ format: read, start: sender.start })
    const stage = callStage(lane, { name, form, isHeld })
    return { name, intake: { ...intake, chat }, chat, stage, form, restate, prompt: { sender, request }, isHeld }
  } catch (error) {
    if (!(error instanceof BackendFailure) && !left.signal.aborted) throw error
    const why = error instanceof BackendFailure ? error.causeClass : 'the client left'
    return chatLane(lane, 'injected', `${reason}; no prompt could be made (${why})`)
  } finally {
    exchange.onClientGone(undefined)
  }
}

interface ConstraintParts {
  readonly name: 'raw' | 'injected'
  readonly start: ReplyStart
  readonly format: ReplyFormat
  readonly style: CallStyle
}

function constraintFor(
  { call: { request }, backend, candidate, parts }: OpenLane,
  { name, start, format, style }: ConstraintParts,
): CallConstraint | undefined {
  const { toolChoice, mayCallInParallel } = request
  const { strictness, grammarFault } = parts.lanes.record(backend, candidate.model)
  if (grammarFault !== undefined || !parts.toolcalls.grammar) return undefined
  return callGrammar({
    format,
    rows: name === 'injected' ? [style.written] : undefined,
    tools: offeredTools(request),
    strictness,
    mayCallInParallel: mayCallInParallel !== false,
    mustCall: toolChoice === 'required' || typeof toolChoice === 'object',
    isThinking: isThinking(format, start),
  })
}
