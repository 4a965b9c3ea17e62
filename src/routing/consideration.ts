/** One thing that a decision looked at: a backend with a model, or a model as a whole. */
export interface Consideration {
  readonly model: string
  readonly backend?: string
  readonly verdict: Verdict
  readonly why: string
}

export type Verdict = 'chosen' | 'runner-up' | 'excluded'
