import { plainChat } from '../../../backends/chat/chat-abilities.ts'
import { writeChatRequest } from '../../../backends/chat/write-chat-request.ts'
import { writeMessages } from '../../../backends/chat/write-messages.ts'
import type { RequestRecord } from '../../../core/request-record.ts'
import { finishReasons } from '../../../dialects/openai/chat/write-chat-reply.ts'
import type { Intake } from '../../request/intake.ts'
import type { HeardReply } from './heard-replies.ts'
import { type RecordedWay, writeWay } from './recorded-way.ts'

export interface RecordedRequest {
  readonly record: RequestRecord
  /** As it came, before anything was changed in it. */
  readonly intake: Intake
  readonly principal: string
  readonly conversation: string | undefined
  /** How it went to the model; absent where it went to none. */
  readonly way: RecordedWay | undefined
  /** What the engine said, before anything was read out of it: its reply, then what it was asked for beyond that. */
  readonly replies: readonly HeardReply[]
}

/** Whatever was said in another dialect is said in OpenAI's, with all that its words can hold. */
const fullChat = { ...plainChat, takesReasoning: true, takesExtras: true, topK: 'top_k', minP: 'min_p' }

/** One line of a transcript: a request as it was sent, what it was about, and what the engine answered. */
export function recordedLine({ record, intake, principal, conversation, way, replies }: RecordedRequest): object {
  const { request, chat, classification } = intake
  const [reply, ...more] = replies
  return {
    at: new Date(record.startedAtMs).toISOString(),
    request_id: record.requestId,
    correlation_id: record.correlationId,
    principal,
    conversation,
    kind: classification.kind,
    task: classification.backgroundTask,
    sent_to: record.path,
    model: record.model,
    backend: record.backend,
    status: record.status,
    timeline: record.timeline.map(({ atMs, event, detail }) => [
      atMs,
      event,
      ...(detail === undefined ? [] : [detail]),
    ]),
    request:
      chat === undefined
        ? request.json
        : writeChatRequest(chat.request, { model: request.model ?? '', abilities: fullChat }),
    way: way && writeWay(way),
    reply: reply && writeReply(reply),
    more_replies: more.length === 0 ? undefined : more.map(writeReply),
  }
}

function writeReply({ parts, finishReason, usage, start }: HeardReply): object {
  const [message] = writeMessages([{ role: 'assistant', parts }], fullChat)
  return {
    message,
    finish_reason: finishReasons[finishReason],
    usage: usage && { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
    start: start?.prefix === '' ? undefined : start,
  }
}
