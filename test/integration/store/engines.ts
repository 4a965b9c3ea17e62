import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import { packageRoot } from '../../../src/core/package-root.ts'
import { openPglite } from '../../../src/store/pglite/open-pglite.ts'
import { storeFolder } from '../../../src/store/open-database.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import { pgliteMajor } from '../../../src/store/pglite/pglite-folder.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Store, StoreOptions } from '../../../src/store/open-store.ts'
import { realPostgres } from '../../services/postgres.ts'

/** Each engine that the same claims are made of, with an empty place on it for every test. */
export interface Engine {
  readonly name: StoreLocation['engine']
  /** Why there is none. */
  readonly skip: string | undefined
  readonly emptyPlace: () => Promise<StoreLocation>
}

const postgres = await realPostgres()

const postgresql: Engine =
  'skip' in postgres
    ? { name: 'postgresql', skip: postgres.skip, emptyPlace: () => Promise.reject(new Error(postgres.skip)) }
    : { name: 'postgresql', skip: undefined, emptyPlace: async () => postgresqlAt(await postgres.createDatabase()) }

export const engines: readonly Engine[] = [
  { name: 'pglite', skip: undefined, emptyPlace: async () => pgliteAt(await emptyPglite()) },
  postgresql,
]

export function postgresqlAt(databaseUrl: string): Extract<StoreLocation, { engine: 'postgresql' }> {
  return { engine: 'postgresql', databaseUrl, connectionsMax: 8, statementTimeoutMs: 5_000 }
}

export function pgliteAt(dataDirectory: string): StoreLocation {
  return { engine: 'pglite', dataDirectory }
}

export function openTestStore(location: StoreLocation, options: Partial<StoreOptions> = {}): Promise<Store> {
  return openStore({
    location,
    migrates: true,
    llmrVersion: '0.0.0-test',
    clock: systemClock,
    logger: silentLogger,
    ...options,
  })
}

const folders: string[] = []

/** Making an embedded database takes seconds, copying an empty one does not. */
async function emptyPglite(): Promise<string> {
  const seed = await seedFolder()
  const folder = mkdtempSync(join(tmpdir(), 'llmr-test-store-'))
  folders.push(folder)
  cpSync(seed, folder, { recursive: true })
  return folder
}

/** Kept between runs, one for each version of the engine. */
async function seedFolder(): Promise<string> {
  const cache = join(packageRoot(), '.test-cache')
  const seed = join(cache, `pglite-${pgliteMajor}`)
  if (existsSync(seed)) return seed
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'making-'))
  const database = await openPglite(storeFolder(folder))
  await database.close()
  try {
    renameSync(folder, seed)
  } catch {
    rmSync(folder, { recursive: true }) // another test file was faster
  }
  return seed
}

afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  if (!('skip' in postgres)) await postgres.close()
})
