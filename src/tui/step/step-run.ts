/** One recorded run, to be walked through request by request. */
export interface StepRun {
  readonly title: string
  readonly steps: readonly Step[]
}

export interface Step {
  /** What is known of the request, as names and values: a few short rows. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly weight: StepWeight
  /** The request as it is sent, and what of it is not as it came. */
  readonly lines: readonly StepLine[]
  /** Only what is changed, with a little around it; empty where nothing is. */
  readonly changes: readonly StepLine[]
}

/** `none`: it goes as it came. `changed`: it does not. `guarded`: it was taken for a loop. */
export type StepWeight = 'none' | 'changed' | 'guarded'

export interface StepLine {
  /** `…` stands for lines that are left out. */
  readonly sign: ' ' | '-' | '+' | '…'
  readonly text: string
}
