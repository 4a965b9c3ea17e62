import type { UpstreamRequest } from '../../../backends/connection.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { ReplyForm } from '../../../toolcalls/reply/lane-stage.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import type { BackendRuntime } from '../../fleet/backend-runtime.ts'
import type { Residency } from '../../fleet/residency.ts'
import type { LaneBook } from '../../lanes/lane-book.ts'
import type { Intake } from '../intake.ts'
import type { RelayWitness } from '../reply/relay-options.ts'
import type { PromptSender } from './prompt-sender.ts'

export interface TakenLane {
  readonly name: ToolLane
  /** As this candidate is to get it. */
  readonly intake: Intake
  /** In whose words the reply is said; absent where its bytes pass. */
  readonly chat: ChatCall | undefined
  /** Reads calls out of what the model writes; absent where that is the engine's business alone. */
  readonly stage: ReplyStage | undefined
  /** By which it does so, for the reply that comes next. */
  readonly form?: () => ReplyForm
  /** A request of llmr's own as this lane puts it. */
  readonly restate: (request: ChatRequest) => ChatRequest
  /** Present where the chat is sent as the prompt that it becomes. */
  readonly prompt?: { readonly sender: PromptSender; readonly request: UpstreamRequest }
  /** Whether the engine was told to hold calls to a form. */
  readonly isHeld?: () => boolean
  /** Learns from a reply whose bytes pass. */
  readonly witness?: RelayWitness
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
  /** The lane that was taken before has failed, and this is tried instead. */
  readonly instead?: LaneChoice
}

export interface LaneChoice {
  readonly name: ToolLane
  readonly reason: string
}

/** A request with tools that is parsed, and said anew. */
export interface OpenLane extends LaneRequest {
  readonly call: ChatCall
}

export function asItIs(request: ChatRequest): ChatRequest {
  return request
}
