import { workerFailure } from '../cli/worker-failure.ts'
import { runWorker, type RunWorkerOptions } from './run-worker.ts'

export interface WorkerCommandOptions extends Pick<RunWorkerOptions, 'define' | 'needs'> {
  readonly flags: RunWorkerOptions['flags'] &
    Pick<RunWorkerOptions, 'once' | 'batch' | 'concurrency' | 'port' | 'host'> & { readonly 'shutdown-timeout': number }
  /** What it counts as done, in the plural. */
  readonly unit: string
}

/** What of a command it needs. */
export interface WorkerCommand {
  readonly config: { readonly version: string }
  logToStderr(line: string): void
}

/**
 * What `llmr worker …` does: one worker until it is told to end, or has nothing left to do.
 *
 * @throws CliError
 */
export async function runWorkerCommand(command: WorkerCommand, options: WorkerCommandOptions): Promise<unknown> {
  const { flags, unit } = options
  const { version } = command.config
  const shutdownTimeoutMs = flags['shutdown-timeout'] * 1_000
  const { name, done, buried } = await runWorker({ ...flags, ...options, shutdownTimeoutMs, version }).catch(
    workerFailure,
  )
  command.logToStderr(`${done} ${unit} done, ${buried} put aside.`)
  return { worker: name, done, buried }
}
