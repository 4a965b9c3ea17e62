import type { KeptRound } from '../../core/recall-source.ts'

/** What was said in a round, and where on the path that was. */
export interface SpokenRound extends KeptRound {
  readonly distance: number
}

/** What was found for a request, before it is known how much of it fits. */
export interface Recalled {
  /** The latest rounds of the path that the client did not send along, the latest first. */
  readonly window: readonly SpokenRound[]
  /** Earlier ones that fit the question, the best first. */
  readonly retrieved: readonly SpokenRound[]
  /** Files that were read on the path, the one to be shown first in front. */
  readonly files: readonly RecalledFile[]
  /** Of what lies before the window, in the order of the path. */
  readonly summaries: readonly RecalledSummary[]
}

export interface RecalledFile {
  readonly uri: string
  readonly content: string
  readonly atMs: number
}

export interface RecalledSummary {
  readonly text: string
}

export const nothingRecalled: Recalled = { window: [], retrieved: [], files: [], summaries: [] }
