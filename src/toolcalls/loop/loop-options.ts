import type { OfferedTool } from '../parse/tool-table.ts'

/** When a history counts as a loop. */
export interface LoopOptions {
  /** `classic`: equal calls in a row and a cap, whatever the tools gave back. `progress`: only what brings nothing new. */
  readonly preset: 'classic' | 'progress'
  /** Equal rounds in a row. */
  readonly repeatThreshold: number
  /** Rounds of calls at which the model must answer. */
  readonly maxTurns: number
  /** Rounds of calls from which on it is reminded of that; `progress` only. */
  readonly softTurns: number
  /** Calls to tools that are not among these are no progress; absent: nothing is known of the tools. */
  readonly tools?: readonly OfferedTool[]
}

export const classicPreset: LoopOptions = { preset: 'classic', repeatThreshold: 2, maxTurns: 30, softTurns: 30 }

export const progressPreset: LoopOptions = { preset: 'progress', repeatThreshold: 3, maxTurns: 80, softTurns: 40 }
