/** Stable names of what went wrong with an engine: programs match on them, docs/lifecycle.md lists them. */
export type ExitCode =
  | 'out_of_gpu_memory'
  | 'out_of_memory'
  | 'bad_flag'
  | 'missing_file'
  | 'no_permission'
  | 'missing_program'
  | 'cannot_start'
  | 'missing_library'
  | 'port_taken'
  | 'address_unavailable'
  | 'unsupported_cpu'
  | 'gpu_driver'
  | 'corrupt_model'
  | 'unknown_architecture'
  | 'crashed'
  | 'ready_timeout'
  | 'exited'

export interface ExitExplanation {
  readonly code: ExitCode
  /** One sentence without a path or a flag in it: anybody may read it. */
  readonly cause: string
  /** The engine's own line that tells, or what the exit itself says. For operators. */
  readonly evidence: string
  /** What to do, for operators. */
  readonly advice: string
  /** The next start may go better without anybody changing anything. */
  readonly isTransient: boolean
}
