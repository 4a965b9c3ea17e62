import type { Clock } from '../core/clock.ts'
import { silentLogger } from '../core/logger.ts'
import type { Logger } from '../core/logger.ts'
import type { Database } from './database.ts'
import { appliedMigrations, migrate } from './migrations/migrate.ts'
import { readMigrations } from './migrations/migration-files.ts'
import { planMigrations } from './migrations/plan-migrations.ts'
import { openDatabase } from './open-database.ts'
import type { StoreLocation } from './open-database.ts'
import { StoreError } from './store-error.ts'
import { StoredResponses } from './stored-responses.ts'
import { Sweeper } from './sweeper.ts'

export interface StoreOptions {
  readonly location: StoreLocation
  /** Whether missing migrations are applied at the start; else they are an error. */
  readonly migrates: boolean
  /** This llmr's, noted beside the migrations it applies. */
  readonly llmrVersion: string
  readonly clock: Clock
  readonly logger: Logger
}

/** What llmr remembers: one part for each family of tables. */
export interface Store {
  readonly engine: Database['engine']
  readonly place: string
  readonly responses: StoredResponses
  /** True when it has to be opened again before anything can be asked. */
  readonly isClosed: () => boolean
  /** Ends within 15 s, waiting for work in hand. May be called twice. */
  close(): Promise<void>
}

/** A migration may have to rewrite a large table. */
const patientTimeoutMs = 3_600_000

/**
 * Opens the database, brings its schema up to date, and takes away what has expired from then on.
 *
 * @throws StoreError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { location, clock, logger } = options
  const database = await openDatabase(location, logger)
  try {
    await ensureSchema(database, options)
  } catch (error) {
    await database.close()
    throw error
  }
  const responses = new StoredResponses({ query: database.query, clock })
  const sweeper = new Sweeper({ database, responses, logger })
  logger.info({ engine: database.engine, version: database.version, place: database.place }, 'the store is open')
  return {
    engine: database.engine,
    place: database.place,
    responses,
    isClosed: database.isClosed,
    async close() {
      await sweeper.close()
      await database.close()
    },
  }
}

async function ensureSchema(database: Database, options: StoreOptions): Promise<void> {
  const { location, migrates, llmrVersion, logger } = options
  const known = await readMigrations()
  const pending = planMigrations({ known, applied: await appliedMigrations(database) })
  if (pending.length === 0) return
  if (!migrates) {
    throw new StoreError(
      'schema_outdated',
      `The database lacks the migrations ${pending.map(({ name }) => name).join(', ')}, and store.auto_migrate is off. ` +
        'Run `llmr migrate` with a user that may change the schema.',
    )
  }
  // Quiet: what there is to say of the server has been said.
  const patient = location.engine === 'pglite' ? database : await openPatiently(location, silentLogger)
  try {
    for (const { name } of await migrate(patient, { known, llmrVersion })) {
      logger.info({ migration: name }, 'a migration was applied')
    }
  } finally {
    if (patient !== database) await patient.close()
  }
}

/** For work that takes as long as it takes: a connection of its own without the bounds of the request path. */
export function openPatiently(location: StoreLocation, logger: Logger): Promise<Database> {
  if (location.engine === 'pglite') return openDatabase(location, logger)
  return openDatabase({ ...location, connectionsMax: 1, statementTimeoutMs: patientTimeoutMs }, logger)
}
