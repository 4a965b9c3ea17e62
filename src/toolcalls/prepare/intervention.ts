import type { LoopRule } from '../loop/loop-finding.ts'

/** Something that llmr changed in a request with tools, or in its reply. Nothing is changed without one. */
export interface Intervention {
  readonly kind: InterventionKind
  /** Of the loop guard: which rule held. */
  readonly rule?: LoopRule
  /** Counts and names of tools, no content: for timelines and logs. */
  readonly detail: string
}

export const interventionKinds = [
  /** Rounds that the client sent more than once were left out. */
  'replays-collapsed',
  /** Calls without result, results without call. */
  'history-repaired',
  /** A line in the last result. */
  'nudge',
  /** A tool is not offered in this request. */
  'remove-tool',
  /** The model is asked to answer, without tools. */
  'final-answer',
  /** A line in the last result that names the file to read. */
  'next-file-hint',
] as const

export type InterventionKind = (typeof interventionKinds)[number]
