import type { Finding } from './finding.ts'
import type { Config } from './schema.ts'

export interface CheckInput {
  readonly config: Config
  /** Names in the file, those of entries that are otherwise wrong included. */
  readonly backendNames: readonly string[]
  readonly modelNames: readonly string[]
  /** Whether the data folder holds keys; the check for missing auth is left out when nobody has looked. */
  readonly hasStoredKeys?: boolean
}

export interface Checked {
  readonly errors: readonly Finding[]
  readonly warnings: readonly Finding[]
}
