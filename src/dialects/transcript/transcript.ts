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
}
