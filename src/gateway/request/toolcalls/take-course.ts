import type { ChatAbilities } from '../../../backends/chat/chat-abilities.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { PlanStage } from '../../../toolcalls/plan/plan-stage.ts'
import type { ReplyIntervention } from '../../../toolcalls/reply/reply-intervention.ts'
import { StageChain } from '../../../toolcalls/reply/stage-chain.ts'
import { replyCare } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { askedContinuation } from './asked-continuation.ts'
import { furtherNeed, type FurtherStage, furtherStage } from './further-stage.ts'
import { noteReply, type NoteParts } from './note-reply.ts'
import { openVoice, readCall } from './read-call.ts'
import type { TakenLane } from './taken-lane.ts'

export interface CourseParts extends Omit<NoteParts, 'model'> {
  readonly toolcalls: ToolcallsConfig
  readonly candidate: Candidate
  /** Of the engine. */
  readonly abilities: ChatAbilities
}

/**
 * What the same engine is asked beyond its reply, where something is: a cut reply is gone on with, a shape for the answer
 * comes after the tools. Such a reply is parsed, also where its bytes would have passed. Of gateways in a chain the first
 * does it.
 */
export function takeCourse(exchange: Exchange, intake: Intake, lane: TakenLane, parts: CourseParts): TakenLane {
  const { plan } = intake
  const course = furtherCourse(exchange, intake, lane, parts)
  if (plan === undefined) return course
  const note = noterFor(exchange, parts)
  const stages = course.stage === undefined ? [] : [course.stage]
  return { ...course, stage: new StageChain([...stages, new PlanStage(plan, note)]) }
}

function furtherCourse(exchange: Exchange, intake: Intake, lane: TakenLane, parts: CourseParts): TakenLane {
  const { candidate, toolcalls, abilities } = parts
  const { outline, classification, chat } = intake
  if (intake.operation !== 'chat' || outline === undefined || isFromGateway(exchange)) return lane
  const { headers } = exchange.request
  const care = replyCare(toolcalls, [intake.model, candidate.model], headers['x-llmr-guard'])
  const continuation = askedContinuation(care.continuation, headers['x-llmr-continue'])
  const format = chat === undefined ? intake.request.json?.['response_format'] : chat.request.responseFormat
  const need = furtherNeed({
    outline,
    kind: classification.kind,
    hasFormat: Boolean(format),
    care: { ...care, continuation },
    hasTemplate: abilities.hasTemplate,
  })
  const call = need && (chat ?? readCall(exchange, intake))
  if (call === undefined || need === undefined) return lane
  const further = furtherStage(need, {
    request: call.request,
    onLane: (lane.chat ?? call).request,
    lane: lane.name,
    model: candidate.model,
    continuation,
    canPrefill: abilities.continuation !== undefined,
    contextLength: candidate.description?.contextLength,
    onIntervention: noterFor(exchange, parts),
  })
  return further === undefined ? lane : withStage(exchange, lane, call, further)
}

function noterFor(exchange: Exchange, parts: CourseParts): (intervention: ReplyIntervention) => void {
  return (intervention) => noteReply(exchange, intervention, { ...parts, model: parts.candidate.model })
}

function withStage(exchange: Exchange, lane: TakenLane, call: ChatCall, { stage, restate }: FurtherStage): TakenLane {
  const said = lane.chat ?? call
  if (lane.chat === undefined) openVoice(exchange, lane.intake, call)
  const chat = restate === undefined ? said : { ...said, request: restate(said.request) }
  const stages = lane.stage === undefined ? stage : new StageChain([lane.stage, stage])
  return { ...lane, intake: { ...lane.intake, chat }, chat, stage: stages }
}
