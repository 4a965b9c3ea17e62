import type { ExitCode, ExitExplanation } from '../exit/exit-explanation.ts'
import type { LogLine } from '../output/log-ring.ts'
import type { ProcessExit } from '../process/spawn-group.ts'

/** Why a model is not there: what became of one start, or of an engine that was ready. */
export interface LaunchFailure {
  readonly code: ExitCode
  /** One sentence that anybody may read. */
  readonly cause: string
  readonly evidence: string
  readonly advice: string
  readonly isTransient: boolean
  /** Absent when the process had not ended by itself, or was never started. */
  readonly exit?: ProcessExit
  /** Its last lines: for operators and callers on this machine only, as engines print what they are asked. */
  readonly lines: readonly LogLine[]
}

/** Lines that are kept with a failure. */
export const failureLinesMax = 40

export function launchFailure(
  explanation: ExitExplanation,
  { lines, exit }: { readonly lines: readonly LogLine[]; readonly exit?: ProcessExit },
): LaunchFailure {
  return { ...explanation, lines, ...(exit !== undefined && { exit }) }
}
