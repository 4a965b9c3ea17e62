import { plainChat } from '../../../backends/chat/chat-abilities.ts'
import { writeMessages } from '../../../backends/chat/write-messages.ts'
import type { ToolcallsConfig } from '../../../config/schema.ts'
import type { Transcript } from '../../../dialects/openai/transcript/read-transcript.ts'
import { hasFired, type ReplayStep, replayRequests } from '../../../toolcalls/replay/replay-requests.ts'
import { type GuardPreset, requestCare } from '../../configure/toolcall-settings.ts'

export interface ReplaySettings {
  readonly toolcalls: ToolcallsConfig
  /** Counts above the configured one. */
  readonly preset?: GuardPreset
  /** Whose settings count, where the transcript names no model or another is meant. */
  readonly model?: string
}

export interface TranscriptReplay {
  readonly id: string
  readonly model: string | null
  readonly hasFired: boolean
  readonly steps: readonly ReplayReport[]
}

export interface ReplayReport extends Omit<ReplayStep, 'sent'> {
  /** What would go to the engine, in OpenAI's shape; only where it differs from what came. */
  readonly sent?: { readonly messages: readonly object[]; readonly tools: readonly string[] }
}

/** What the gateway would have done to each request of each transcript. Asks nobody, and remembers nothing. */
export function replayTranscripts(
  transcripts: readonly Transcript[],
  { toolcalls, preset, model: meant }: ReplaySettings,
): TranscriptReplay[] {
  return transcripts.map(({ id, model, requests }) => {
    const steps = replayRequests(requests, requestCare(toolcalls, meant ?? model ?? '', preset))
    return { id, model: meant ?? model ?? null, hasFired: hasFired(steps), steps: steps.map(reportOf) }
  })
}

function reportOf({ sent, ...step }: ReplayStep): ReplayReport {
  if (sent === undefined) return step
  const messages = writeMessages(sent.messages, { ...plainChat, takesReasoning: true })
  return { ...step, sent: { messages, tools: sent.tools.map(({ name }) => name) } }
}
