export type LoopRule =
  | 'same-call'
  | 'same-error'
  | 'cycle'
  | 'cosmetic-change'
  | 'same-result'
  | 'same-text'
  | 'invalid-call'
  | 'turn-cap'

/** What a rule saw. `excess` is how far past its threshold the history is, in repeats. */
export interface LoopFinding {
  readonly rule: LoopRule
  readonly count: number
  readonly threshold: number
  readonly excess: number
  /** The tools that go round. */
  readonly tools: readonly string[]
}

/** What to do, from mild to strict: a line to the model, without the tool, without all tools. */
export type LoopAction = 'nudge' | 'remove-tool' | 'final-answer'

export interface LoopVerdict extends LoopFinding {
  readonly action: LoopAction
  /** For the log and the timeline. */
  readonly reason: string
}
