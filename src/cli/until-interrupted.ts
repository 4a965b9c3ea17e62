import { CliError } from './cli-error.ts'

/**
 * Runs work that Ctrl-C or SIGTERM asks to end; what it has started is ended before the command does. A second signal finds
 * Node's own handling again.
 *
 * @throws CliError when it was interrupted, else what the work throws
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    return await work(interruption.signal)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    throw new CliError('Interrupted. What was started for it has been ended.', { code: 'interrupted', cause: error })
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}
