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
import { type RecordedWay, readWay } from '../recording/recorded-way.ts'
import { differenceFrom } from './difference-from.ts'
import { readReplies } from './read-replies.ts'
import { type ReplayedReply, replayReply } from './replay-reply.ts'
import {
  askedGuard,
  careForKind,
  type GuardPreset,
  configuredLane,
  requestCare,
} from '../../configure/toolcall-settings.ts'

export interface ReplaySettings {
  readonly toolcalls: ToolcallsConfig
  /** Counts above the configured one. */
  readonly preset?: GuardPreset
  /** How tools reach the model, whatever is configured and recorded. */
  readonly lane?: ToolLane
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
  /** What becomes of the engine's reply; absent where the transcript has none. */
  readonly reply: ReplayedReply | undefined
  /** What the recording says was done, as in the timeline, where it is not what is done here; absent without a recording. */
  readonly unlike: readonly string[] | undefined
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
  { toolcalls, preset, lane: asLane, model = '', number }: ReplaySettings & { readonly number: number },
): ReplayedRequest {
  const { task: taskHeader, line, answer: _answer, ...came } = request
  const way = readWay(line)
  const classification = classifyRequest({ operation: 'chat', outline: outlineRequest(came), taskHeader })
  const asked = preset ?? askedGuard(way?.isFromGateway === true ? 'off' : way?.guard)
  const care = careForKind(requestCare(toolcalls, model, asked), classification.kind)
  const { prepared, ...step } = replayRequest(came, care)
  const changed = step.interventions.length === 0 ? came : { ...came, ...prepared }
  const lane = hasTools(changed) ? laneFor({ lane: asLane, toolcalls, model, way }) : undefined
  const sent = lane === undefined ? changed : requestOfLane(changed, lane, callStyleOf(model))
  const replies = readReplies(request)
  const reply =
    replies.length === 0
      ? undefined
      : replayReply({ toolcalls, model, request: changed, sent, classification, lane, way, replies })
  const unlike = way && differenceFrom(line, [...step.interventions, ...(reply?.steps ?? [])])
  return { number, classification, ...step, lane, came, sent, reply, unlike }
}

/** What was learnt of the model when it was recorded is not to be known here; a lane that is configured counts above it. */
function laneFor({ lane, toolcalls, model, way }: Pick<ReplaySettings, 'lane' | 'toolcalls'> & LaneParts): ToolLane {
  if (lane !== undefined) return lane
  const configured = configuredLane(toolcalls, [model, way?.model])
  return (way?.isAboveConfig === true ? way.lane : configured) ?? way?.lane ?? 'native'
}

interface LaneParts {
  readonly model: string
  readonly way: RecordedWay | undefined
}

function hasTools({ tools, messages }: ChatRequest): boolean {
  return tools.length > 0 || messages.some(isOfTools)
}

function isOfTools({ role, parts }: Message): boolean {
  return role === 'tool' || parts.some(({ type }) => type === 'tool-call')
}
