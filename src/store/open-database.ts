import { join } from 'node:path'

import type { Logger } from '../core/logger.ts'
import type { Database } from './database.ts'

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

export function storeFolder(dataDirectory: string): string {
  return join(dataDirectory, 'store')
}
