import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import { partsOf, type Reply, replyOf } from '../../../core/chat/reply.ts'
import type { ReplyPart } from '../../../core/chat/reply-part.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import type { Classification } from '../../../routing/classify-request.ts'
import { outlineRequest } from '../../../routing/outline-request.ts'
import type { ReplyFormat } from '../../../toolcalls/formats/reply-format.ts'
import type { CallReader } from '../../../toolcalls/inject/call-reader.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { formatOfFacts } from '../../../toolcalls/lane/format-of-facts.ts'
import { ChantWatch } from '../../../toolcalls/loop/chant-watch.ts'
import { PlanStage } from '../../../toolcalls/plan/plan-stage.ts'
import { laneStage } from '../../../toolcalls/reply/lane-stage.ts'
import { ReplyCourse } from '../../../toolcalls/reply/reply-course.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { StageChain } from '../../../toolcalls/reply/stage-chain.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { askedContinuation } from '../../request/toolcalls/asked-continuation.ts'
import { furtherNeed, furtherStage } from '../../request/toolcalls/further-stage.ts'
import { callsRead } from '../../request/toolcalls/lane-reader.ts'
import { isHeldToShape, toldChant } from '../../request/toolcalls/watch-chants.ts'
import type { HeardReply } from '../recording/heard-replies.ts'
import type { RecordedWay } from '../recording/recorded-way.ts'
import { counter } from './read-replies.ts'

/** One thing that was done to a reply, or seen in it. */
export interface ReplyStep {
  /** As in timelines; `put-right` and `wrong` name calls. */
  readonly kind: string
  readonly detail: string
}

export interface ReplayedReply {
  /** The format by which calls were read; absent where they were not llmr's to read. */
  readonly format: string | undefined
  readonly steps: readonly ReplyStep[]
  /** As the client hears it. */
  readonly told: Reply
  /** The engine is asked for more than it says in the transcript: the client hears what there is. */
  readonly isUnanswered: boolean
}

export interface ReplyToReplay {
  readonly toolcalls: ToolcallsConfig
  /** What the client named. */
  readonly model: string
  /** As it was prepared for the engine, before its lane put it into words. */
  readonly request: ChatRequest
  /** The same on its lane. */
  readonly sent: ChatRequest
  readonly classification: Classification
  readonly lane: ToolLane | undefined
  readonly way: RecordedWay | undefined
  readonly replies: readonly HeardReply[]
}

/** What becomes of a recorded reply: the stages of the gateway, with what was said in the place of an engine. */
export function replayReply(reply: ReplyToReplay): ReplayedReply {
  const steps: ReplyStep[] = []
  const round = { at: 0 }
  const note = (kind: string, detail: string): void => void steps.push({ kind, detail })
  const format = formatFor(reply)
  const stage = stageFor(reply, { note, format, start: () => reply.replies[round.at]?.start })
  const course = new ReplyCourse({ stage, chants: chantsFor(reply, note) })
  const parts: ReplyPart[] = []
  let isUnanswered = false
  for (; ; round.at++) {
    const heard = reply.replies[round.at]
    if (heard === undefined) {
      isUnanswered = true
      parts.push(...course.giveUp())
      break
    }
    for (const part of piecesOf(heard)) parts.push(...course.read([part]))
    const end = course.endRound()
    parts.push(...end.parts)
    if (end.ask === undefined) break
  }
  return { format: format?.id, steps, told: replyOf(parts), isUnanswered }
}

type Note = (kind: string, detail: string) => void

/** Characters, about a token: as streams come, since a chant is cut where it is heard. */
const pieceLength = 4

function piecesOf(reply: Reply): ReplyPart[] {
  return partsOf(reply).flatMap((part): ReplyPart[] => {
    if (part.type !== 'text' && part.type !== 'reasoning') return [part]
    const count = Math.ceil(part.text.length / pieceLength)
    return Array.from({ length: count }, (_, at) => ({
      ...part,
      text: part.text.slice(at * pieceLength, (at + 1) * pieceLength),
    }))
  })
}

function careOf({ toolcalls, model, way }: ReplyToReplay) {
  const care = replyCare(toolcalls, [model, way?.model], way?.guard)
  return { ...care, continuation: askedContinuation(care.continuation, way?.continuation) }
}

/** As it was read then, where it is the same lane; else by the model's name. */
function formatFor({ model, lane, way }: ReplyToReplay): ReplyFormat | undefined {
  if (lane === undefined || lane === 'native') return undefined
  if (way?.format !== undefined && way.lane === lane) return way.format
  const name = way?.model ?? model
  return lane === 'raw' ? formatOfFacts({}, name).format : callStyleOf(name).format
}

interface StageParts {
  readonly note: Note
  readonly format: ReplyFormat | undefined
  readonly start: () => HeardReply['start']
}

function stageFor(reply: ReplyToReplay, { note, format, start }: StageParts): ReplyStage | undefined {
  if (reply.way?.isFromGateway === true) return undefined
  const care = careOf(reply)
  const onIntervention = ({ kind, detail }: ReplyStep): void => note(kind, detail)
  const request: ChatRequest = reply.lane === 'final' ? { ...reply.request, toolChoice: 'none' } : reply.request
  const ofLane =
    format &&
    laneStage({
      request,
      repairsMax: care.repairs,
      form: () => ({ format, start: start() }),
      mintId: counter('call'),
      onIntervention,
      onCalls: (reader, repaired) => noteCalls(note, reader, repaired),
    })
  const further = furtherFor(reply, care, onIntervention)
  const { plan } = reply.way ?? {}
  const stages = [ofLane, further, plan === undefined ? undefined : new PlanStage(plan, onIntervention)].filter(
    (stage) => stage !== undefined,
  )
  return stages.length > 1 ? new StageChain(stages) : stages[0]
}

function furtherFor(
  { request, sent, classification, lane, way, model }: ReplyToReplay,
  care: ReturnType<typeof careOf>,
  onIntervention: (step: ReplyStep) => void,
): ReplyStage | undefined {
  const need = furtherNeed({
    outline: outlineRequest(request),
    kind: classification.kind,
    hasFormat: request.responseFormat !== undefined,
    care,
    hasTemplate: way?.hasTemplate ?? true,
  })
  if (need === undefined) return undefined
  return furtherStage(need, {
    request,
    onLane: sent,
    lane: lane ?? 'native',
    model: way?.model ?? model,
    continuation: care.continuation,
    canPrefill: way?.canPrefill ?? true,
    contextLength: way?.contextLength,
    onIntervention,
  })?.stage
}

function chantsFor(reply: ReplyToReplay, note: Note): ChantWatch | undefined {
  const { request, way } = reply
  const isHeard = (way === undefined || request.isStream) && way?.isCloud !== true && way?.isFromGateway !== true
  if (!isHeard || !careOf(reply).cutsChants || isHeldToShape(request)) return undefined
  const { lastUserText } = outlineRequest(request)
  return new ChantWatch(({ unit, count }) => note('content-loop', toldChant(unit, count)), lastUserText)
}

/** Counts as the timeline has them, then what was wrong with which call. */
function noteCalls(note: Note, { told }: CallReader, repaired: number): void {
  note('calls-read', callsRead(told.length, repaired))
  for (const { name, repairs = [], problems } of told) {
    if (repairs.length > 0) note('put-right', `${name}: ${repairs.join(', ')}`)
    if (problems.length > 0) note('wrong', `${name}: ${problems.join(' ')}`)
  }
}
