import type { ChatRequest } from '../../core/chat/chat-request.ts'
import type { ReplyFormat } from '../formats/reply-format.ts'
import { CallReader } from '../inject/call-reader.ts'
import { offeredTools } from '../inject/inject-tools.ts'
import type { ReplyStart } from '../parse/start-state.ts'
import { AnswerStage } from './answer-stage.ts'
import { CallStage } from './call-stage.ts'
import type { ReplyIntervention } from './reply-intervention.ts'
import type { ReplyStage } from './reply-stage.ts'

/** How a model writes its calls, and where its reply begins. */
export interface ReplyForm {
  readonly format: ReplyFormat
  readonly start?: ReplyStart
}

export interface LaneStageOptions {
  /** What the client asked. */
  readonly request: ChatRequest
  /** How often calls that do not fit their tools are asked for once more. */
  readonly repairsMax: number
  /** Asked for each reply of the engine. */
  readonly form: () => ReplyForm
  readonly mintId: () => string
  readonly onIntervention: (intervention: ReplyIntervention) => void
  /** A reply is over in which there were calls. */
  readonly onCalls: (reader: CallReader, repaired: number) => void
}

/**
 * What reads the replies on a lane that llmr reads. Also of a model that is offered no tools but sees calls in its history:
 * it may go on calling.
 */
export function laneStage({ form, onCalls, ...shared }: LaneStageOptions): ReplyStage {
  const { request, mintId } = shared
  const tools = offeredTools(request)
  if (tools.length === 0) return new AnswerStage({ ...shared, format: form().format })
  const openReader = (): CallReader => {
    const { format, start } = form()
    const reader: CallReader = new CallReader({
      style: { format },
      start,
      tools,
      mayCallInParallel: request.mayCallInParallel !== false,
      mintId,
      onCalls: (_count, repaired) => onCalls(reader, repaired),
    })
    return reader
  }
  return new CallStage({ ...shared, openReader })
}
