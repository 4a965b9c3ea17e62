import { CliError } from './cli-error.ts'
import { storeFailure } from './store-failure.ts'

/** Why a worker did not start, in words that end in something to do. For `catch`. */
export function workerFailure(thrown: unknown): never {
  if (thrown instanceof Error && thrown.name === 'WorkerNeedsServer') {
    throw new CliError(thrown.message, { code: 'worker_needs_server', exitCode: 2, cause: thrown })
  }
  if (thrown instanceof Error && thrown.name === 'WorkerUnconfigured') {
    throw new CliError(thrown.message, { code: 'worker_unconfigured', exitCode: 2, cause: thrown })
  }
  storeFailure(thrown)
}
