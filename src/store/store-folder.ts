import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the embedded store is in a data folder. */
export function storeFolder(dataDirectory: string): string {
  return join(dataDirectory, 'store')
}

/** The database itself, below the store's folder; whole, or not there at all. */
export function databaseFolder(folder: string): string {
  return join(folder, 'pgdata')
}

/** Whether anything was ever kept in this data folder. To open it would make it. */
export function hasEmbeddedStore(dataDirectory: string): boolean {
  return existsSync(databaseFolder(storeFolder(dataDirectory)))
}
