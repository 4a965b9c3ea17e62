import { silentLogger } from '../../core/logger.ts'
import type { Logger } from '../../core/logger.ts'
import type { Database } from '../database.ts'
import { openPatiently } from '../open-database.ts'
import type { StoreLocation } from '../open-database.ts'
import { StoreError } from '../store-error.ts'
import { appliedMigrations, migrate } from './migrate.ts'
import { readMigrations } from './migration-files.ts'
import { planMigrations } from './plan-migrations.ts'

export interface EnsureSchemaOptions {
  readonly location: StoreLocation
  /** Whether missing migrations are applied; else they are an error. */
  readonly migrates: boolean
  readonly llmrVersion: string
  readonly logger: Logger
}

/**
 * Sees to it that an open database has exactly the schema this llmr knows.
 *
 * @throws StoreError `schema_too_new`, `migration_changed`, `schema_outdated`, `migration_failed`
 */
export async function ensureSchema(database: Database, options: EnsureSchemaOptions): Promise<void> {
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
