import { backendKinds } from '../../backends/backend-kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import { silentLogger } from '../../core/logger.ts'
import type { Database } from '../../store/database.ts'
import { openPatiently } from '../../store/open-database.ts'
import { storeSettings } from '../configure/store-settings.ts'

/**
 * Lends the database of the configured store to a command that looks after it. The schema is left as it is, and work may
 * take its time.
 *
 * @throws ConfigError, StoreError, and what the work throws.
 */
export async function withStore<Result>(
  { config: flag, data }: { readonly config?: string; readonly data?: string },
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const { config, dataDirectory } = await openConfig({ flag, data, backendKinds })
  const { location } = storeSettings(config.store, { env: process.env, dataDirectory })
  const database = await openPatiently(location, silentLogger)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
