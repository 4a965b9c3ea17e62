import type { ExitExplanation } from './exit-explanation.ts'

/** What llmr was about to start, as far as it had got. */
export interface StartFacts {
  readonly argv: readonly [string, ...string[]]
  readonly cwd?: string
}

/** Why there is not even a process: no port for it, or no such program. `facts` is absent while it has no port. */
export function explainStartError(error: unknown, facts: StartFacts | undefined): ExitExplanation {
  const evidence = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (facts === undefined) return { ...withoutPort(code), evidence }
  const folder = facts.cwd === undefined ? '' : ` and that the folder ${facts.cwd} exists`
  if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR' || code === 'ENOEXEC') {
    return {
      code: 'missing_program',
      cause: "The engine's program was not found or may not be executed.",
      evidence,
      advice: `Check that ${facts.argv[0]} is there and executable${folder}.`,
      isTransient: false,
    }
  }
  return { ...cannotStart, evidence }
}

function withoutPort(code: unknown): Omit<ExitExplanation, 'evidence'> {
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'port_taken',
        cause: 'The port that the engine should listen on is taken.',
        advice: 'Leave the port to llmr, or stop what uses it: `ss -ltnp` shows what that is.',
        isTransient: true,
      }
    case 'EACCES':
      return {
        code: 'no_permission',
        cause: 'The port that the engine should listen on is reserved for root.',
        advice: 'Use a port from 1024 up, or leave it to llmr.',
        isTransient: false,
      }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return {
        code: 'address_unavailable',
        cause: 'This machine does not have the address that the engine should listen on.',
        advice: 'Use 127.0.0.1, or an address that `ip addr` shows.',
        isTransient: false,
      }
    default:
      return cannotStart
  }
}

const cannotStart = {
  code: 'cannot_start',
  cause: 'The engine could not be started.',
  advice: 'The system said why; it may have run out of processes or open files.',
  isTransient: true,
} as const
