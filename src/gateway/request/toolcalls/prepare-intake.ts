import type { ToolcallsConfig } from '../../../config/schema.ts'
import { listAt } from '../../../core/foreign-json.ts'
import type { Logger } from '../../../core/logger.ts'
import type { Metrics } from '../../../core/metrics.ts'
import { readChat } from '../../../dialects/openai/chat/read-chat.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { GuardedRequest } from '../../../toolcalls/loop/apply-verdict.ts'
import { prepareRequest } from '../../../toolcalls/prepare/prepare-request.ts'
import { askedGuard, careForKind, requestCare } from '../../configure/toolcall-settings.ts'
import { isFromGateway } from '../hops.ts'
import type { Intake } from '../intake.ts'
import { editChatBody } from './edit-chat-body.ts'
import { noteInterventions } from './note-interventions.ts'

export interface PrepareParts {
  readonly toolcalls: ToolcallsConfig
  /** What was decided on: its settings count, also where another model serves in its place. */
  readonly model: string
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * The request as the engine is to get it, and its reply told so. One without tools in its history, or with nothing to be
 * done about them, stays the client's own bytes.
 */
export function prepareIntake(exchange: Exchange, intake: Intake, parts: PrepareParts): Intake {
  // Of gateways in a chain the first has done it.
  if (!hasToolHistory(intake) || isFromGateway(exchange)) return intake
  const asked = askedGuard(exchange.request.headers['x-llmr-guard'])
  const care = careForKind(requestCare(parts.toolcalls, parts.model, asked), intake.classification.kind)
  if (!care.repairs && !care.hints && care.guard === undefined) return intake
  const { before, write } = intake.chat === undefined ? ofBody(intake) : ofCall(intake, intake.chat)
  const { request, interventions } = prepareRequest(before, care)
  if (interventions.length === 0) return intake
  noteInterventions(exchange, interventions, parts)
  return write(request)
}

function hasToolHistory({ operation, outline, chat, request }: Intake): boolean {
  if (operation !== 'chat' || outline === undefined) return false
  if (outline.hasToolResults) return true
  if (chat === undefined)
    return listAt(request.json, 'messages').some((message) => listAt(message, 'tool_calls').length > 0)
  return chat.request.messages.some(
    ({ role, parts }) => role === 'assistant' && parts.some(({ type }) => type === 'tool-call'),
  )
}

interface Prepared {
  readonly before: GuardedRequest
  readonly write: (after: GuardedRequest) => Intake
}

/** A chat that is written for the engine anyway. */
function ofCall(intake: Intake, chat: NonNullable<Intake['chat']>): Prepared {
  return {
    before: chat.request,
    write: ({ messages, tools, toolChoice }) => ({
      ...intake,
      chat: { ...chat, request: { ...chat.request, messages, tools, toolChoice } },
    }),
  }
}

/** One whose bytes would have travelled: what does not change stays as the client wrote it. */
function ofBody(intake: Intake): Prepared {
  const json = intake.request.json ?? {}
  const before = readChat(json).request
  return {
    before,
    write: (after) => {
      const edited = editChatBody(json, { before, after })
      const request = { ...intake.request, json: edited }
      return { ...intake, request, body: Buffer.from(JSON.stringify(edited)) }
    },
  }
}
