import { plainChat } from '../../../backends/chat/chat-abilities.ts'
import { writeMessages } from '../../../backends/chat/write-messages.ts'
import { finishReasons } from '../../../dialects/openai/chat/write-chat-reply.ts'
import type { ReplayedReply } from './replay-reply.ts'
import type { ReplayedRequest, TranscriptReplay } from './replay-transcripts.ts'

/** A replay as `--json` prints it. */
export function replayReport({ id, model, hasFired, requests }: TranscriptReplay) {
  return { id, model: model ?? null, hasFired, steps: requests.map(stepReport) }
}

/** What the client hears, in OpenAI's shape. */
function replyReportOf({ format, steps, told, isUnanswered }: ReplayedReply) {
  const [message] = writeMessages([{ role: 'assistant', parts: told.parts }], { ...plainChat, takesReasoning: true })
  return { format, steps, told: { message, finish_reason: finishReasons[told.finishReason] }, isUnanswered }
}

/** `sent`, in OpenAI's shape, only where it differs from what came. */
function stepReport({ number, classification, came, sent, reply, unlike, ...step }: ReplayedRequest) {
  const { kind, backgroundTask } = classification
  const { messages, tools } = sent
  return {
    request: number,
    kind,
    task: backgroundTask,
    messages: came.messages.length,
    ...step,
    ...(unlike !== undefined && { recorded: unlike }),
    ...(reply !== undefined && { reply: replyReportOf(reply) }),
    ...(sent !== came && {
      sent: {
        messages: writeMessages(messages, { ...plainChat, takesReasoning: true }),
        tools: tools.map(({ name }) => name),
      },
    }),
  }
}
