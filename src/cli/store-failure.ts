import { CliError } from './cli-error.ts'
import { explainStart } from './explain-start.ts'

/** What went wrong with the store, in words that end in something to do. For `catch`. */
export function storeFailure(thrown: unknown): never {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error.name === 'CliError') throw error // has its words already
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'failed'
  if (code === 'invalid_config') throw explainStart(error, {})
  throw new CliError(error.message, { code, nextSteps: nextSteps[code] ?? [], cause: error })
}

const nextSteps: Readonly<Record<string, readonly string[]>> = {
  ENOENT: ['See that the folder is there and the name is right.'],
  EACCES: ['See to the owner and mode of the file and its folder.'],
  store_locked: ['Stop the gateway for the moment, or use a PostgreSQL server, which many can use at once.'],
  database_unreachable: ['`llmr config show` says where the store is.'],
  schema_too_new: ['`llmr migrate --status` lists what the database has behind it.'],
  migration_changed: ['`llmr migrate --status` lists what the database has behind it.'],
}
