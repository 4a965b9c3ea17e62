import { systemClock } from '../../../src/core/clock.ts'
import { silentLogger } from '../../../src/core/logger.ts'
import type { StoreLocation } from '../../../src/store/open-database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import type { Store, StoreOptions } from '../../../src/store/open-store.ts'

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
