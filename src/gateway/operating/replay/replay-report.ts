import { plainChat } from '../../../backends/chat/chat-abilities.ts'
import { writeMessages } from '../../../backends/chat/write-messages.ts'
import type { ReplayedRequest, TranscriptReplay } from './replay-transcripts.ts'

/** A replay as `--json` prints it. */
export function replayReport({ id, model, hasFired, requests }: TranscriptReplay) {
  return { id, model: model ?? null, hasFired, steps: requests.map(stepReport) }
}

/** `sent`, in OpenAI's shape, only where it differs from what came. */
function stepReport({ number, classification, came, sent, ...step }: ReplayedRequest) {
  const { kind, backgroundTask } = classification
  const { messages, tools } = sent
  return {
    request: number,
    kind,
    task: backgroundTask,
    messages: came.messages.length,
    ...step,
    ...(sent !== came && {
      sent: {
        messages: writeMessages(messages, { ...plainChat, takesReasoning: true }),
        tools: tools.map(({ name }) => name),
      },
    }),
  }
}
