import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { Message } from '../../../core/chat/message.ts'
import type { Transcript, TranscriptRequest } from '../../../dialects/transcript/transcript.ts'
import { type Classification, classifyRequest } from '../../../routing/classify-request.ts'
import { outlineRequest } from '../../../routing/outline-request.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { requestOfLane } from '../../../toolcalls/lane/request-of-lane.ts'
import { hasFired, replayRequest, type ReplayStep } from '../../../toolcalls/replay/replay-request.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import { careForKind, type GuardPreset, configuredLane, requestCare } from '../../configure/toolcall-settings.ts'

export interface ReplaySettings {
  readonly toolcalls: ToolcallsConfig
  /** Counts above the configured one. */
  readonly preset?: GuardPreset
  /** Whose settings count, where the transcript names no model or another is meant. */
  readonly model?: string
}

export interface TranscriptReplay {
  readonly id: string
  readonly model: string | undefined
  readonly hasFired: boolean
  readonly requests: readonly ReplayedRequest[]
}

/** One request on its way through the stages that deciding belongs to. */
export interface ReplayedRequest extends Omit<ReplayStep, 'prepared'> {
  /** From 1. */
  readonly number: number
  readonly classification: Classification
  /** How tools reach the model; absent where there are none. */
  readonly lane: ToolLane | undefined
  readonly came: ChatRequest
  /** What would go to the engine; the very request that came when nothing is changed. */
  readonly sent: ChatRequest
}

/** What the gateway would have done to each request of each transcript. Asks nobody, and remembers nothing. */
export function replayTranscripts(transcripts: readonly Transcript[], settings: ReplaySettings): TranscriptReplay[] {
  return transcripts.map(({ id, model: named, requests: came }) => {
    const model = settings.model ?? named
    const requests = came.map((request, index) => replayOne(request, { ...settings, model, number: index + 1 }))
    return { id, model, hasFired: hasFired(requests), requests }
  })
}

function replayOne(
  request: TranscriptRequest,
  { toolcalls, preset, model = '', number }: ReplaySettings & { readonly number: number },
): ReplayedRequest {
  const { task: taskHeader, ...came } = request
  const classification = classifyRequest({ operation: 'chat', outline: outlineRequest(came), taskHeader })
  const care = careForKind(requestCare(toolcalls, model, preset), classification.kind)
  const { prepared, ...step } = replayRequest(came, care)
  const changed = step.interventions.length === 0 ? came : { ...came, ...prepared }
  const lane = hasTools(changed) ? (configuredLane(toolcalls, [model]) ?? 'native') : undefined
  const sent = lane === undefined ? changed : requestOfLane(changed, lane, callStyleOf(model))
  return { number, classification, ...step, lane, came, sent }
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return tools.length > 0 || messages.some(isOfTools)
}

function isOfTools({ role, parts }: Message): boolean {
  return role === 'tool' || parts.some(({ type }) => type === 'tool-call')
}
