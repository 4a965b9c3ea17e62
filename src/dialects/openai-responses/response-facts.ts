import type { ToolNames } from './tool-names.ts'

/** What one response is written with, from its first event to the copy that is kept. */
export interface ResponseFacts {
  readonly requestId: string
  readonly createdAtMs: number
  /** Fields of the request that the response repeats. */
  readonly echo: Readonly<Record<string, unknown>>
  readonly names: ToolNames
  readonly reasoning: ReasoningStyle
}

/** How thoughts are shown. */
export interface ReasoningStyle {
  /** As a summary, which clients show; else as the raw text, which few do. */
  readonly isSummary: boolean
  /** With a copy that clients send back. */
  readonly isSealed: boolean
}
