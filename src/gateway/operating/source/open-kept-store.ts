import { backendKinds } from '../../../backends/backend-kinds.ts'
import { CliError } from '../../../cli/cli-error.ts'
import type { Config } from '../../../config/schema.ts'
import { openConfig } from '../../../config/open-config.ts'
import { silentLogger } from '../../../core/logger.ts'
import type { Database } from '../../../store/database.ts'
import { ensureSchema } from '../../../store/migrations/ensure-schema.ts'
import { openPatiently, type StoreLocation } from '../../../store/open-database.ts'
import { hasEmbeddedStore, storeFolder } from '../../../store/store-folder.ts'
import { storeSettings } from '../../configure/store-settings.ts'

export interface KeptWhere {
  readonly config?: string
  readonly data?: string
  /** This llmr's, noted beside the migrations that it applies. */
  readonly version: string
}

/**
 * The configured store for somebody who wants to know what is in it: an embedded one is not made for that, and a server's
 * schema is not changed, which gateways of an older version may be working with.
 *
 * @throws CliError `nothing_kept`; ConfigError, StoreError
 */
export async function openKeptStore(where: KeptWhere): Promise<Database> {
  const { config, dataDirectory } = await openConfig({ flag: where.config, data: where.data, backendKinds })
  return openStoreOf({ config, dataDirectory, version: where.version })
}

export async function openStoreOf({
  config,
  dataDirectory,
  version,
}: {
  readonly config: Pick<Config, 'store'>
  readonly dataDirectory: string
  readonly version: string
}): Promise<Database> {
  const { location, migrates } = storeSettings(config.store, { env: process.env, dataDirectory })
  const isEmbedded = location.engine === 'pglite'
  expectKept(location)
  const database = await openPatiently(location, silentLogger)
  try {
    await ensureSchema(database, {
      location,
      migrates: isEmbedded && migrates,
      llmrVersion: version,
      logger: silentLogger,
    })
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

/** @throws CliError `nothing_kept` where an embedded store would have to be made first */
export function expectKept(location: StoreLocation): void {
  if (location.engine !== 'pglite' || hasEmbeddedStore(location.dataDirectory)) return
  throw new CliError(`Nothing was ever kept in ${storeFolder(location.dataDirectory)}, and no gateway runs there.`, {
    code: 'nothing_kept',
    nextSteps: [
      'Name the data folder of the gateway with --data or LLMR_DATA, or its address with --url or LLMR_URL.',
      'Where it keeps things in PostgreSQL, set DATABASE_URL.',
      'A gateway keeps conversations where `memory: on` stands in its llmr.yaml.',
    ],
  })
}
