import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import { callTags } from '../../../toolcalls/constrain/call-tags.ts'
import { callStyleOf, type CallStyle } from '../../../toolcalls/inject/call-style.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import type { ReplyForm } from '../../../toolcalls/reply/lane-stage.ts'
import { requestOfLane } from '../../../toolcalls/lane/request-of-lane.ts'
import { adapterFor } from '../upstream-request.ts'
import { callStage } from './lane-reader.ts'
import { asItIs, type OpenLane, type TakenLane } from './taken-lane.ts'

/** The nearest that a chat can do. */
export function withoutPrompts(name: ToolLane): Exclude<ToolLane, 'raw'> {
  return name === 'raw' ? 'checked' : name
}

/** A chat, with the tools in it or told in words, of which llmr reads the reply. */
export function chatLane(given: OpenLane, name: Exclude<ToolLane, 'raw'>, reason: string): TakenLane {
  const lane = name === 'final' ? withoutTools(given) : given
  const { exchange, intake, candidate, call } = lane
  exchange.note('lane', `${name}: ${reason}`)
  const style = callStyleOf(candidate.model)
  const tags = name === 'injected' ? tagsFor(lane, style) : undefined
  const isHeld = (): boolean => tags !== undefined
  const form = (): ReplyForm => ({ format: style.format })
  const stage = callStage(lane, { name, form, isHeld })
  if (name === 'checked') return { name, intake, chat: call, stage, form, restate: asItIs }
  const restate = (request: ChatRequest): ChatRequest => {
    const restated = requestOfLane(request, name, style)
    // What is asked beyond a reply may be an answer, and no call.
    return tags === undefined || request.tools.length === 0
      ? restated
      : { ...restated, extras: { ...restated.extras, ...tags } }
  }
  const chat = { ...call, request: restate(call.request) }
  return { name, intake: { ...intake, chat }, chat, stage, form, restate, isHeld }
}

/** What the model writes as calls out of habit is no call. */
function withoutTools(lane: OpenLane): OpenLane {
  return { ...lane, call: { ...lane.call, request: { ...lane.call.request, toolChoice: 'none' } } }
}

/** What holds calls to their form, in engines that can do so from a marker on. */
function tagsFor({ call, backend, candidate, parts }: OpenLane, style: CallStyle) {
  const { structuralTag } = adapterFor(backend).chat(backend.settings)
  const { strictness, grammarFault } = parts.lanes.record(backend, candidate.model)
  if (structuralTag === undefined || grammarFault !== undefined || !parts.toolcalls.grammar) return undefined
  const tags = callTags(style.written, offeredTools(call.request), strictness)
  return tags && structuralTag(JSON.stringify(tags))
}
