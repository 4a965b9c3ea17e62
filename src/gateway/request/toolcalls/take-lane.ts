import type { UpstreamRequest } from '../../../backends/connection.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { isToolLane } from '../../../core/tool-lane.ts'
import { callsOf } from '../../../toolcalls/history/tool-round.ts'
import { formatOfFacts } from '../../../toolcalls/lane/format-of-facts.ts'
import { configuredLane } from '../../configure/toolcall-settings.ts'
import { NativeWatch } from '../../lanes/native-watch.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { chatLane, withoutPrompts } from './chat-lane.ts'
import { canBePrompt, promptLane } from './prompt-lane.ts'
import { openVoice, readCall } from './read-call.ts'
import { asItIs, type LaneChoice, type LaneRequest, type TakenLane } from './taken-lane.ts'

/**
 * How tools reach this candidate's model: by the engine, or as plain text where its template knows none. Decided for each
 * attempt anew, since the next backend may have another engine. A promise only where a prompt has to be made first.
 */
export function takeLane(lane: LaneRequest): TakenLane | Promise<TakenLane> {
  const { exchange, intake } = lane
  const { chat } = intake
  // Bytes that pass have no voice: another candidate may have been given one before.
  if (chat === undefined) exchange.voice = undefined
  if (intake.operation !== 'chat' || isFromGateway(exchange)) return nativeLane(lane, undefined)
  const mayHaveTools =
    intake.outline !== undefined && (intake.outline.toolNames.length > 0 || intake.outline.hasToolResults)
  lane.parts.lanes.arrives(lane.backend, lane.candidate, mayHaveTools)
  const { name, reason } = laneOf(lane)
  if (name === 'native') return nativeLane(lane, reason)
  const call = chat ?? readCall(exchange, intake)
  if (call === undefined || !hasTools(call.request)) return nativeLane(lane, undefined)
  if (chat === undefined) openVoice(exchange, intake, call)
  const open = { ...lane, call }
  if (!canBePrompt(open, name)) return chatLane(open, withoutPrompts(name), reason)
  return promptLane(open, name, reason)
}

/** Of gateways in a chain the first does it. */
function laneOf({ exchange, intake, candidate, backend, parts, instead }: LaneRequest): LaneChoice {
  if (instead !== undefined) return instead
  const header = exchange.request.headers['x-llmr-lane']
  if (isToolLane(header)) return { name: header, reason: 'the request asks for it' }
  const configured = configuredLane(parts.toolcalls, [intake.model, candidate.model])
  if (configured !== undefined) return { name: configured, reason: 'configured' }
  const { lane, reason } = parts.lanes.choose(backend, candidate)
  return { name: lane, reason }
}

/** @param reason absent where the request has nothing to do with tools, or another gateway has done it all */
function nativeLane(
  { exchange, intake, candidate, backend, parts }: LaneRequest,
  reason: string | undefined,
): TakenLane {
  const toolNames = intake.outline?.toolNames ?? []
  const isWatched = reason !== undefined && toolNames.length > 0
  if (isWatched) exchange.note('lane', `native: ${reason}`)
  const witness =
    isWatched && parts.lanes.watches(backend, candidate.model)
      ? new NativeWatch({
          format: formatOfFacts(parts.lanes.seen(backend, candidate.model) ?? {}, candidate.model).format,
          toolNames,
          onSign: (sign) => parts.lanes.sees(backend, candidate.model, { lane: 'native', sign }),
        })
      : undefined
  return { name: 'native', intake, chat: intake.chat, stage: undefined, restate: asItIs, witness }
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return (
    tools.length > 0 ||
    messages.some((message) => message.role === 'tool' || (message.role === 'assistant' && callsOf(message).length > 0))
  )
}

/**
 * What the engine is asked beyond its reply, as a request of the same lane. One without tools, for which the engine has to
 * keep to a shape, is a chat.
 */
export function followUp(
  { intake, chat, restate, prompt }: TakenLane,
  ask: ChatRequest,
  write: (intake: Intake) => UpstreamRequest,
): UpstreamRequest | Promise<UpstreamRequest> {
  if (chat === undefined) return write(intake)
  const next = { ...intake, chat: { ...chat, request: restate(ask) } }
  return prompt === undefined || ask.tools.length === 0 ? write(next) : prompt.sender.write(next)
}
