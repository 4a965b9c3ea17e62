import { backendKinds } from '../../backends/backend-kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import { silentLogger } from '../../core/logger.ts'
import type { Database } from '../../store/database.ts'
import { openPatiently } from '../../store/open-database.ts'
import { storeSettings } from '../configure/store-settings.ts'
import { expectKept } from './source/open-kept-store.ts'

/**
 * Lends the database of the configured store to a command that looks after it. The schema is left as it is, and work may
 * take its time.
 *
 * @param where.isKept an embedded store is not made where there is none
 * @throws CliError `nothing_kept`; ConfigError, StoreError, and what the work throws.
 */
export async function withStore<Result>(
  {
    config: flag,
    data,
    isKept = false,
  }: { readonly config?: string; readonly data?: string; readonly isKept?: boolean },
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { config, dataDirectory } = await openConfig({ flag, data, backendKinds })
  const { location } = storeSettings(config.store, { env: process.env, dataDirectory })
  if (isKept) expectKept(location)
  const database = await openPatiently(location, silentLogger)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
