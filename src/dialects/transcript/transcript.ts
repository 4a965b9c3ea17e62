import type { AssistantPart } from '../../core/chat/message.ts'
import type { ChatRequest } from '../../core/chat/chat-request.ts'

export const transcriptFormat = 'llmr-transcript'
export const transcriptVersion = 1

/** A recorded conversation with tools, as the requests that a client sent along it. */
export interface Transcript {
  readonly id: string
  readonly model: string | undefined
  readonly requests: readonly TranscriptRequest[]
}

export interface TranscriptRequest extends ChatRequest {
  /** What the client said of it in `x-llmr-task`. */
  readonly task?: string
  /** The line of a recording that the request stands in, for whoever reads what was answered to it. */
  readonly line?: unknown
  /** What stands behind it in a list of messages. */
  readonly answer?: readonly AssistantPart[]
}
