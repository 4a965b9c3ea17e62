/** 1 failed, 2 the command line is wrong, 3 it worked and found something to tell. */
export type ExitCode = 1 | 2 | 3

/**
 * A failure the operator can do something about: printed without a stack, with what to do next. Matched by `code`, since
 * commands and tests may hold two copies of this module.
 */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly nextSteps: readonly string[]
  /** Read by oclif, which exits with it. */
  readonly oclif: { readonly exit: ExitCode }

  constructor(
    message: string,
    options: { code: string; nextSteps?: readonly string[]; exitCode?: ExitCode; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.nextSteps = options.nextSteps ?? []
    this.oclif = { exit: options.exitCode ?? 1 }
  }
}
