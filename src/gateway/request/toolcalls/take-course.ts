import type { ChatAbilities } from '../../../backends/chat/chat-abilities.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Candidate } from '../../../core/candidate.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { ChatCall } from '../../../dialects/chat-dialect.ts'
import type { Exchange } from '../../../http/exchange.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { injectTools } from '../../../toolcalls/inject/inject-tools.ts'
import { ContinuationStage } from '../../../toolcalls/reply/continuation-stage.ts'
import { asksForBoth, freeOfSchema } from '../../../toolcalls/reply/free-of-schema.ts'
import { PlanStage } from '../../../toolcalls/plan/plan-stage.ts'
import type { ReplyIntervention } from '../../../toolcalls/reply/reply-intervention.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { SchemaStage } from '../../../toolcalls/reply/schema-stage.ts'
import { StageChain } from '../../../toolcalls/reply/stage-chain.ts'
import { type ReplyCare, replyCare } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { askedContinuation } from './asked-continuation.ts'
import { noteReply, type NoteParts } from './note-reply.ts'
import { canBeSaidAnew, openVoice, readCall } from './read-call.ts'
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
  if (intake.operation !== 'chat' || isFromGateway(exchange)) return lane
  const { candidate, toolcalls } = parts
  const { headers } = exchange.request
  const care = replyCare(toolcalls, [intake.model, candidate.model], headers['x-llmr-guard'])
  const continuation = askedContinuation(care.continuation, headers['x-llmr-continue'])
  const need = needOf(intake, { ...care, continuation }, parts.abilities)
  const call = need && (intake.chat ?? readCall(exchange, intake))
  if (call === undefined || !canBeSaidAnew(call.request)) return lane
  const onIntervention = noterFor(exchange, parts)
  if (need === 'schema') {
    // Lanes of plain text have told the shape in words already.
    const isTold = lane.name === 'injected' || lane.name === 'raw'
    if (!asksForBoth(isTold ? call.request : (lane.chat ?? call).request)) return lane
    return withStage(exchange, lane, call, {
      stage: schemaStage(call.request, candidate.model, onIntervention),
      restate: isTold ? undefined : freeOfSchema,
    })
  }
  const stage = new ContinuationStage({
    request: call.request,
    canPrefill: parts.abilities.continuation !== undefined,
    roundsMax: continuation.rounds,
    tokensMax: continuation.tokens,
    contextLength: candidate.description?.contextLength,
    onIntervention,
  })
  return withStage(exchange, lane, call, { stage, restate: undefined })
}

function noterFor(exchange: Exchange, parts: CourseParts): (intervention: ReplyIntervention) => void {
  return (intervention) => noteReply(exchange, intervention, { ...parts, model: parts.candidate.model })
}

type Need = 'schema' | 'continuation'

/** By the outline alone: most requests need neither, and are not read for it. */
function needOf(
  { outline, classification, chat, request }: Intake,
  { splitsSchemas, continuation }: Pick<ReplyCare, 'splitsSchemas' | 'continuation'>,
  { hasTemplate }: ChatAbilities,
): Need | undefined {
  if (outline === undefined) return undefined
  const hasFormat = chat === undefined ? request.json?.['response_format'] : chat.request.responseFormat
  if (outline.toolNames.length > 0) return splitsSchemas && hasTemplate && hasFormat ? 'schema' : undefined
  if (continuation.rounds === 0 || classification.kind !== 'user' || hasFormat) return undefined
  return outline.maxTokens === undefined && !outline.hasToolResults ? 'continuation' : undefined
}

function schemaStage(
  request: ChatRequest,
  model: string,
  onIntervention: (intervention: ReplyIntervention) => void,
): ReplyStage {
  const { responseFormat: format = { type: 'json' } } = request
  const plain = injectTools(
    { ...request, tools: [], toolChoice: undefined, mayCallInParallel: undefined },
    callStyleOf(model),
  )
  return new SchemaStage({ request: plain, format, onIntervention })
}

function withStage(
  exchange: Exchange,
  lane: TakenLane,
  call: ChatCall,
  { stage, restate }: { stage: ReplyStage; restate: ((request: ChatRequest) => ChatRequest) | undefined },
): TakenLane {
  const said = lane.chat ?? call
  if (lane.chat === undefined) openVoice(exchange, lane.intake, call)
  const chat = restate === undefined ? said : { ...said, request: restate(said.request) }
  const stages = lane.stage === undefined ? stage : new StageChain([lane.stage, stage])
  return { ...lane, intake: { ...lane.intake, chat }, chat, stage: stages }
}
