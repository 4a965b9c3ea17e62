import type { ConfigProblemCode } from './config-error.ts'

/** A problem by its path; {@link ConfigProblem} is the same with file, line and column. */
export interface Finding {
  readonly path: readonly PropertyKey[]
  /** Which of the two the position points at; the value unless said otherwise. */
  readonly at?: 'key' | 'value'
  /** Where it is known better than the path tells. */
  readonly offset?: number
  readonly code: ConfigProblemCode
  readonly message: string
}
