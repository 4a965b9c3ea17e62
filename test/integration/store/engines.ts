import { afterAll } from 'vitest'

import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Store, StoreOptions } from '../../../src/store/open-store.ts'
import { realPostgres } from '../../services/postgres.ts'
import { emptyPglite } from '../../support/empty-pglite.ts'

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

afterAll(async () => {
  if (!('skip' in postgres)) await postgres.close()
})
