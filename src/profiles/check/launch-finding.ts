/** Something about a profile that would keep it from being launched, or from doing what it says. */
export interface LaunchFinding {
  /** Starts at the profile. */
  readonly path: readonly PropertyKey[]
  /** What the place points at; the value unless said otherwise. */
  readonly at?: 'key'
  readonly code: 'unknown_key' | 'wrong_value' | 'conflict' | 'unreadable'
  readonly message: string
  /** It can be launched all the same. */
  readonly isWarning?: boolean
}
