import type { ChatOutline } from '../../../core/chat/chat-outline.ts'
import type { ChatRequest } from '../../../core/chat/chat-request.ts'
import type { RequestKind } from '../../../core/request-record.ts'
import type { ToolLane } from '../../../core/tool-lane.ts'
import { callStyleOf } from '../../../toolcalls/inject/call-style.ts'
import { injectTools } from '../../../toolcalls/inject/inject-tools.ts'
import { ContinuationStage } from '../../../toolcalls/reply/continuation-stage.ts'
import { asksForBoth, freeOfSchema } from '../../../toolcalls/reply/free-of-schema.ts'
import type { ReplyIntervention } from '../../../toolcalls/reply/reply-intervention.ts'
import type { ReplyStage } from '../../../toolcalls/reply/reply-stage.ts'
import { SchemaStage } from '../../../toolcalls/reply/schema-stage.ts'
import type { ReplyCare } from '../../configure/toolcall-settings.ts'
import { canBeSaidAnew } from './read-call.ts'

export type FurtherNeed = 'schema' | 'continuation'

export interface NeedParts {
  readonly outline: ChatOutline
  readonly kind: RequestKind
  /** The client asked for a shape. */
  readonly hasFormat: boolean
  readonly care: Pick<ReplyCare, 'splitsSchemas' | 'continuation'>
  /** The engine has every message through a chat template. */
  readonly hasTemplate: boolean
}

/** By the outline alone: most requests need neither, and are not read for it. */
export function furtherNeed({ outline, kind, hasFormat, care, hasTemplate }: NeedParts): FurtherNeed | undefined {
  if (outline.toolNames.length > 0) return care.splitsSchemas && hasTemplate && hasFormat ? 'schema' : undefined
  if (care.continuation.rounds === 0 || kind !== 'user' || hasFormat) return undefined
  return outline.maxTokens === undefined && !outline.hasToolResults ? 'continuation' : undefined
}

export interface FurtherParts {
  /** What the client asked. */
  readonly request: ChatRequest
  /** The same as the lane puts it. */
  readonly onLane: ChatRequest
  readonly lane: ToolLane
  /** The engine's own name of it. */
  readonly model: string
  readonly continuation: ReplyCare['continuation']
  readonly canPrefill: boolean
  readonly contextLength: number | undefined
  readonly onIntervention: (intervention: ReplyIntervention) => void
}

export interface FurtherStage {
  readonly stage: ReplyStage
  /** How the first request is put instead; absent: as it is. */
  readonly restate?: (request: ChatRequest) => ChatRequest
}

/** What asks the same engine beyond its reply, where something does. */
export function furtherStage(need: FurtherNeed, parts: FurtherParts): FurtherStage | undefined {
  const { request, onLane, lane, model, onIntervention } = parts
  if (!canBeSaidAnew(request)) return undefined
  if (need === 'schema') {
    // Lanes of plain text have told the shape in words already.
    const isTold = lane === 'injected' || lane === 'raw'
    if (!asksForBoth(isTold ? request : onLane)) return undefined
    return { stage: schemaStage(request, model, onIntervention), ...(!isTold && { restate: freeOfSchema }) }
  }
  const { continuation, canPrefill, contextLength } = parts
  const { rounds: roundsMax, tokens: tokensMax } = continuation
  return {
    stage: new ContinuationStage({ request, canPrefill, roundsMax, tokensMax, contextLength, onIntervention }),
  }
}

function schemaStage(request: ChatRequest, model: string, onIntervention: FurtherParts['onIntervention']): ReplyStage {
  const { responseFormat: format = { type: 'json' } } = request
  const free: ChatRequest = { ...request, tools: [], toolChoice: undefined, mayCallInParallel: undefined }
  return new SchemaStage({ request: injectTools(free, callStyleOf(model)), format, onIntervention })
}
