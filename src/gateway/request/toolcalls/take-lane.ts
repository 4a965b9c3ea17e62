import type { UpstreamRequest } from '../../../backends/connection.ts'
import { BackendFailure } from '../../../backends/failure.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import { isToolLane, type ToolLane } from '../../../core/tool-lane.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { callGrammar } from '../../../toolcalls/constrain/call-grammar.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import { callsOf } from '../../../toolcalls/history/tool-round.ts'
import { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { callStyleOf, type CallStyle } from '../../../toolcalls/inject/call-style.ts'
import { offeredTools } from '../../../toolcalls/inject/inject-tools.ts'
import { formatOfFacts } from '../../../toolcalls/lane/format-of-facts.ts'
import { requestOfLane } from '../../../toolcalls/lane/request-of-lane.ts'
import { mintCallId } from '../../../toolcalls/parse/mint-id.ts'
import { isThinking, type ReplyStart } from '../../../toolcalls/parse/start-state.ts'
import { CallStage } from '../../../toolcalls/reply/call-stage.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { configuredLane, replyCare } from '../../configure/toolcall-settings.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { LaneBook } from '../../lanes/lane-book.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { adapterFor } from '../upstream-request.ts'
import { noteReply } from './note-reply.ts'
import { PromptSender } from './prompt-sender.ts'
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
  /** Present where the chat is sent as the prompt that it becomes. */
  readonly prompt?: { readonly sender: PromptSender; readonly request: UpstreamRequest }
}

export interface LaneParts {
  readonly toolcalls: ToolcallsConfig
  readonly logger: Logger
  readonly metrics: Metrics
  readonly lanes: LaneBook
  readonly residency: Residency | undefined
  readonly instanceId: string
}

export interface LaneRequest {
  readonly exchange: Exchange
  readonly intake: Intake
  readonly candidate: Candidate
  readonly backend: BackendRuntime
  readonly parts: LaneParts
}

/**
 * How tools reach this candidate's model: by the engine, or as plain text where its template knows none. Decided for each
 * attempt anew, since the next backend may have another engine. A promise only where a prompt has to be made first.
 */
export function takeLane(lane: LaneRequest): TakenLane | Promise<TakenLane> {
  const { exchange, intake } = lane
  const { chat } = intake
  const { name, reason } = laneOf(lane)
  const call = name === 'native' ? undefined : (chat ?? readCall(exchange, intake))
  // Bytes that pass have no voice: another candidate may have been given one before.
  if (chat === undefined) exchange.voice = undefined
  if (call === undefined || !hasTools(call.request)) {
    return { name: 'native', intake, chat, stage: undefined, restate: asItIs }
  }
  if (chat === undefined) openVoice(exchange, intake, call)
  const open = { ...lane, call }
  if (!canBePrompt(open, name)) return chatLane(open, withoutPrompts(name), reason)
  return promptLane(open, name, reason)
}

interface OpenLane extends LaneRequest {
  readonly call: ChatCall
}

function asItIs(request: ChatRequest): ChatRequest {
  return request
}

/** What the engine does by itself it does in a chat, and pictures have no place in a prompt of text. */
function canBePrompt({ backend, intake, call }: OpenLane, name: ToolLane): name is 'raw' | 'injected' {
  const isWanted = (name === 'raw' || name === 'injected') && offeredTools(call.request).length > 0
  return isWanted && adapterFor(backend).prompted !== undefined && intake.outline?.hasImages !== true
}

/** The nearest that a chat can do. */
function withoutPrompts(name: ToolLane): Exclude<ToolLane, 'raw'> {
  return name === 'raw' ? 'checked' : name
}

function chatLane(lane: OpenLane, name: Exclude<ToolLane, 'raw'>, reason: string): TakenLane {
  const { exchange, intake, candidate, call } = lane
  exchange.note('lane', `${name}: ${reason}`)
  const style = callStyleOf(candidate.model)
  const stage = callStage(lane, () => readerFor(lane, { format: style.format }))
  if (name === 'checked') return { name, intake, chat: call, stage, restate: asItIs }
  const restate = (request: ChatRequest): ChatRequest => requestOfLane(request, name, style)
  const chat = { ...call, request: restate(call.request) }
  return { name, intake: { ...intake, chat }, chat, stage, restate }
}

/** The engine's template makes the prompt of the chat, with or without its own words for tools. */
async function promptLane(lane: OpenLane, name: 'raw' | 'injected', reason: string): Promise<TakenLane> {
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
    constrain: (start) => constraintFor(call.request, { name, start, format: read, style }),
  })
  const chat = { ...call, request: restate(call.request) }
  const left = new AbortController()
  exchange.onClientGone(() => left.abort(new Error('the client is gone')))
  try {
    const request = await sender.write({ ...intake, chat }, left.signal)
    exchange.note('lane', `${name}: ${reason}`)
    const stage = callStage(lane, () => readerFor(lane, { format: read, start: sender.start }))
    return { name, intake: { ...intake, chat }, chat, stage, restate, prompt: { sender, request } }
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

function constraintFor(request: ChatRequest, { name, start, format, style }: ConstraintParts) {
  const { toolChoice, mayCallInParallel } = request
  return callGrammar({
    format,
    rows: name === 'injected' ? [style.written] : undefined,
    tools: offeredTools(request),
    strictness: 'loose',
    mayCallInParallel: mayCallInParallel !== false,
    mustCall: toolChoice === 'required' || typeof toolChoice === 'object',
    isThinking: isThinking(format, start),
  })
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

/** Of gateways in a chain the first does it. */
function laneOf({ exchange, intake, candidate, parts }: LaneRequest): {
  readonly name: ToolLane
  readonly reason: string
} {
  if (intake.operation !== 'chat' || isFromGateway(exchange)) return { name: 'native', reason: 'not looked at' }
  const header = exchange.request.headers['x-llmr-lane']
  if (isToolLane(header)) return { name: header, reason: 'the request asks for it' }
  const configured = configuredLane(parts.toolcalls, [intake.model, candidate.model])
  if (configured !== undefined) return { name: configured, reason: 'configured' }
  if (candidate.description?.capabilities.tools !== false) return { name: 'native', reason: 'the engine takes tools' }
  return { name: 'injected', reason: 'the chat template leaves tools out' }
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return (
    tools.length > 0 ||
    messages.some((message) => message.role === 'tool' || (message.role === 'assistant' && callsOf(message).length > 0))
  )
}

function callStage(
  { exchange, intake, candidate: { model }, parts, call }: OpenLane,
  openReader: () => CallReader,
): CallStage {
  return new CallStage({
    openReader,
    request: call.request,
    repairsMax: replyCare(parts.toolcalls, [intake.model, model], exchange.request.headers['x-llmr-guard']).repairs,
    onIntervention: (intervention) => noteReply(exchange, intervention, { ...parts, model }),
  })
}

/** Also for a model that is offered none, but sees calls in its history: it may go on calling. */
function readerFor(
  { exchange, call: { request }, candidate: { model }, parts: { metrics } }: OpenLane,
  { format, start }: { readonly format: ReplyFormat; readonly start?: ReplyStart },
): CallReader {
  return new CallReader({
    style: { format },
    start,
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
