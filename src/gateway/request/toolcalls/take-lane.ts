import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { callsOf } from '../../../toolcalls/history/tool-round.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { injectTools, offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import { CallStage } from '../../../toolcalls/reply/call-stage.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { replyCare, type ToolLane, toolLane } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { noteReply } from './note-reply.ts'
import { openVoice, readCall } from './read-call.ts'

export interface TakenLane {
  readonly name: ToolLane
  /** As this candidate is to get it. */
  readonly intake: Intake
  /** In whose words the reply is said; absent where its bytes pass. */
  readonly chat: ChatCall | undefined
  /** Reads calls out of what the model writes; absent where that is the engine's business alone. */
  readonly stage: ReplyStage | undefined
  /** A request of llmr's own as this lane puts it. */
  readonly restate: (request: ChatRequest) => ChatRequest
}

export interface LaneParts {
  readonly toolcalls: ToolcallsConfig
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * How tools reach this candidate's model: by the engine, or as plain text where its template knows none. Decided for each
 * attempt anew, since the next backend may have another engine.
 */
export function takeLane(exchange: Exchange, intake: Intake, candidate: Candidate, parts: LaneParts): TakenLane {
  const { chat } = intake
  const { model } = candidate
  const name = laneOf(exchange, intake, candidate, parts)
  const call = name === 'native' ? undefined : (chat ?? readCall(exchange, intake))
  // Bytes that pass have no voice: another candidate may have been given one before.
  if (chat === undefined) exchange.voice = undefined
  const asItIs = (written: ChatRequest): ChatRequest => written
  if (call === undefined || !hasTools(call.request)) {
    return { name: 'native', intake, chat, stage: undefined, restate: asItIs }
  }
  exchange.note('lane', name)
  if (chat === undefined) openVoice(exchange, intake, call)
  const stage = new CallStage({
    openReader: () => readerFor(exchange, call.request, model, parts),
    request: call.request,
    repairsMax: replyCare(parts.toolcalls, [intake.model, model], exchange.request.headers['x-llmr-guard']).repairs,
    onIntervention: (intervention) => noteReply(exchange, intervention, { ...parts, model }),
  })
  if (name === 'checked') return { name, intake, chat: call, stage, restate: asItIs }
  const restate = (written: ChatRequest): ChatRequest => injectTools(written, callStyleOf(model))
  const injected = { ...call, request: restate(call.request) }
  return { name, intake: { ...intake, chat: injected }, chat: injected, stage, restate }
}

/** What the engine is asked beyond its reply, as a request of the same lane. */
export function followUpIntake({ intake, chat, restate }: TakenLane, ask: ChatRequest): Intake {
  return chat === undefined ? intake : { ...intake, chat: { ...chat, request: restate(ask) } }
}

/** Of gateways in a chain the first does it. */
function laneOf(
  exchange: Exchange,
  { operation, model: asked }: Intake,
  { model, description }: Candidate,
  { toolcalls }: LaneParts,
): ToolLane {
  if (operation !== 'chat' || isFromGateway(exchange)) return 'native'
  return toolLane(toolcalls, [asked, model], description?.capabilities)
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return (
    tools.length > 0 ||
    messages.some((message) => message.role === 'tool' || (message.role === 'assistant' && callsOf(message).length > 0))
  )
}

/** Also for a model that is offered none, but sees calls in its history: it may go on calling. */
function readerFor(exchange: Exchange, request: ChatRequest, model: string, { metrics }: LaneParts): CallReader {
  return new CallReader({
    style: callStyleOf(model),
    tools: offeredTools(request),
    mayCallInParallel: request.mayCallInParallel !== false,
    mintId: () => mintCallId('common'),
    onCalls: (count, repaired) => {
      exchange.note('calls-read', repaired === 0 ? String(count) : `${count}, ${repaired} of them put right`)
      metrics.toolcallsIntervened({ kind: 'calls-read', model })
      if (repaired > 0) metrics.toolcallsIntervened({ kind: 'calls-repaired', model })
    },
  })
}
