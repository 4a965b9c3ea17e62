import { CliError } from './cli-error.ts'

/** Why the gateway did not start, for a person; what is not understood stays as it is. */
export function explainStart(error: unknown, flags: { host?: string; port?: number }): unknown {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const where = error instanceof Error && 'port' in error ? String(error.port) : String(flags.port ?? 'the port')
  switch (code) {
    case 'EADDRINUSE':
      return new CliError(`Port ${where} is taken by another program.`, {
        code: 'port_in_use',
        nextSteps: [
          'Choose another with --port or LLMR_PORT.',
          'Or it is an llmr that runs already: `llmr backends list` asks it.',
        ],
        cause: error,
      })
    case 'EACCES':
      return new CliError(`This user may not bind port ${where}.`, {
        code: 'port_forbidden',
        nextSteps: ['Choose one above 1023 with --port.'],
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new CliError('This machine has no such address to bind.', {
        code: 'address_not_available',
        nextSteps: ['Use 127.0.0.1 for this machine alone, 0.0.0.0 for all its addresses.'],
        cause: error,
      })
    case 'invalid_config':
      return new CliError(`The configuration is not usable:\n${message}`, {
        code: 'invalid_config',
        nextSteps: ['`llmr config check` shows the same without starting; `llmr config schema` says what there is.'],
        cause: error,
      })
    case 'invalid_request':
      return new CliError(message, { code: 'not_started', cause: error })
    default:
      return error
  }
}
