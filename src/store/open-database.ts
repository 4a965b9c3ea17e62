import type { Logger } from '../core/logger.ts'
import type { Database } from './database.ts'
import { storeFolder } from './store-folder.ts'

/** Where the store is. */
export type StoreLocation =
  | { readonly engine: 'pglite'; readonly dataDirectory: string }
  | {
      readonly engine: 'postgresql'
      readonly databaseUrl: string
      readonly connectionsMax: number
      readonly statementTimeoutMs: number
    }

/**
 * Opens whichever database it is; only that one's driver is loaded.
 *
 * @throws StoreError
 */
export async function openDatabase(location: StoreLocation, logger: Logger): Promise<Database> {
  if (location.engine === 'pglite') {
    const { openPglite } = await import('./pglite/open-pglite.ts')
    return openPglite(storeFolder(location.dataDirectory))
  }
  const { openPostgresql } = await import('./postgresql/open-postgresql.ts')
  const { databaseUrl: url, connectionsMax, statementTimeoutMs } = location
  return openPostgresql({ url, connectionsMax, statementTimeoutMs, logger })
}

/** A migration may have to rewrite a large table. */
const patientTimeoutMs = 3_600_000

/** For work that takes as long as it takes: a connection of its own without the bounds of the request path. */
export function openPatiently(location: StoreLocation, logger: Logger): Promise<Database> {
  if (location.engine === 'pglite') return openDatabase(location, logger)
  return openDatabase({ ...location, connectionsMax: 1, statementTimeoutMs: patientTimeoutMs }, logger)
}
