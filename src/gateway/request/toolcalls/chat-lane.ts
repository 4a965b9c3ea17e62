import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { requestOfLane } from '../../../toolcalls/lane/request-of-lane.ts'
import { callStage } from './lane-reader.ts'
import { asItIs, type OpenLane, type TakenLane } from './taken-lane.ts'

/** The nearest that a chat can do. */
export function withoutPrompts(name: ToolLane): Exclude<ToolLane, 'raw'> {
  return name === 'raw' ? 'checked' : name
}

/** A chat, with the tools in it or told in words, of which llmr reads the reply. */
export function chatLane(lane: OpenLane, name: Exclude<ToolLane, 'raw'>, reason: string): TakenLane {
  const { exchange, intake, candidate, call } = lane
  exchange.note('lane', `${name}: ${reason}`)
  const style = callStyleOf(candidate.model)
  const stage = callStage(lane, () => ({ name, format: style.format }))
  if (name === 'checked') return { name, intake, chat: call, stage, restate: asItIs }
  const restate = (request: ChatRequest): ChatRequest => requestOfLane(request, name, style)
  const chat = { ...call, request: restate(call.request) }
  return { name, intake: { ...intake, chat }, chat, stage, restate }
}
