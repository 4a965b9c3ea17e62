import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import { callsOf } from '../../../toolcalls/history/tool-round.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { mintId } from '../../../core/identifier.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import { openaiChatCall } from '../../../dialects/openai/chat/openai-chat-call.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { injectTools, offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import { toolLane } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'

export interface TakenLane {
  /** As this candidate is to get it. */
  readonly intake: Intake
  /** Reads what the model writes; absent where the engine does that. */
  readonly reader: CallReader | undefined
}

export interface LaneParts {
  readonly toolcalls: ToolcallsConfig
  readonly metrics: Metrics
}

/**
 * How tools reach this candidate's model: by the engine, or as plain text where its template knows none. Decided for each
 * attempt anew, since the next backend may have another engine.
 */
export function takeLane(exchange: Exchange, intake: Intake, candidate: Candidate, parts: LaneParts): TakenLane {
  const call = isFromGateway(exchange) ? undefined : injectedCall(exchange, intake, candidate, parts)
  // Bytes that pass have no voice: another candidate may have been given one before.
  if (intake.chat === undefined) exchange.voice = undefined
  if (call === undefined) return { intake, reader: undefined }
  const { model } = candidate
  exchange.note('lane', 'injected')
  if (intake.chat === undefined && intake.request.isStream) {
    exchange.voice = call.openStream(intake.request.model ?? model, intake.approximateTokens)
  }
  const style = callStyleOf(model)
  const tools = offeredTools(call.request)
  const reader = new CallReader({
    style,
    tools,
    mayCallInParallel: call.request.mayCallInParallel !== false,
    mintId: () => mintCallId('common'),
    onCalls: (count, repaired) => {
      exchange.note('calls-read', repaired === 0 ? String(count) : `${count}, ${repaired} of them put right`)
      parts.metrics.toolcallsIntervened({ kind: 'calls-read', model })
      if (repaired > 0) parts.metrics.toolcallsIntervened({ kind: 'calls-repaired', model })
    },
  })
  return {
    intake: { ...intake, chat: { ...call, request: injectTools(call.request, style) } },
    // A model that is offered none, but sees calls in its history, may still go on calling.
    reader,
  }
}

function injectedCall(
  exchange: Exchange,
  intake: Intake,
  { model, description }: Candidate,
  { toolcalls }: LaneParts,
): ChatCall | undefined {
  if (intake.operation !== 'chat') return undefined
  const lane = toolLane(toolcalls, [intake.model, model], description?.capabilities)
  if (lane !== 'injected') return undefined
  const { requestId, startedAtMs, path } = exchange.record
  const facts = { requestId, createdAtMs: startedAtMs, path, mintId }
  const call = intake.chat ?? (intake.request.json && openaiChatCall(intake.request.json, facts))
  return call !== undefined && hasTools(call.request) ? call : undefined
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return (
    tools.length > 0 ||
    messages.some((message) => message.role === 'tool' || (message.role === 'assistant' && callsOf(message).length > 0))
  )
}
