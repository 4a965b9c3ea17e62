import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { StoreError } from '../store-error.ts'
import { databaseFolder } from '../store-folder.ts'

/** The major version of PostgreSQL that the package is; a folder of another one cannot be opened. */
export const pgliteMajor = '18'

/**
 * The database's folder below the store's, whole or not there at all: it is made beside its place and moved into it, so
 * that a process which ends in the middle of that leaves nothing that looks like a database.
 *
 * @param create makes a new database in an empty place and closes it.
 * @throws StoreError `store_folder_unusable`
 */
export async function preparePgliteFolder(folder: string, create: (place: string) => Promise<void>): Promise<string> {
  const place = databaseFolder(folder)
  if (!existsSync(place)) {
    const unfinished = `${place}.new`
    rmSync(unfinished, { recursive: true, force: true })
    await create(unfinished)
    renameSync(unfinished, place)
  }
  const major = majorOf(place)
  if (major === pgliteMajor) return place
  throw new StoreError(
    'store_folder_unusable',
    `${place} holds ${major === undefined ? 'no database' : `a database of version ${major}`}, expected version ` +
      `${pgliteMajor}. Move the folder away; what the llmr that made it wrote with \`llmr store backup\` can be restored.`,
  )
}

/** @throws StoreError `store_folder_unusable` */
export function makeStoreFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StoreError(
      'store_folder_unusable',
      `The store's folder ${folder} cannot be made. See to the owner and mode of the data folder, or choose another.`,
      { cause },
    )
  }
}

function majorOf(place: string): string | undefined {
  try {
    return readFileSync(join(place, 'PG_VERSION'), 'utf8').trim()
  } catch {
    return undefined // no database: the caller says so
  }
}
