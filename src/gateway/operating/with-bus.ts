import { backendKinds } from '../../backends/kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import type { Bus } from '../../core/bus.ts'
import { silentLogger } from '../../core/logger.ts'
import { TableBus } from '../../store/bus/table-bus.ts'
import { ensureSchema } from '../../store/migrations/ensure-schema.ts'
import { openPatiently } from '../../store/open-database.ts'
import { brokerUrl } from '../configure/broker-url.ts'
import { brokerOpener } from '../configure/side-settings.ts'
import { storeSettings } from '../configure/store-settings.ts'

/**
 * Lends the bus that is configured to a command: the broker's, or the tables of the store.
 *
 * @throws ConfigError, StoreError, the broker's error when it cannot be reached, and what the work throws
 */
export async function withBus<Result>(
  { config: flag, data, version }: { readonly config?: string; readonly data?: string; readonly version: string },
  work: (bus: Bus) => Promise<Result>,
): Promise<Result> {
  const { config, dataDirectory } = await openConfig({ flag, data, backendKinds })
  const url = brokerUrl(config, process.env)
  if (url !== undefined) {
    const bus = await brokerOpener(url)()
    try {
      return await work(bus)
    } finally {
      await bus.close()
    }
  }
  const { location, migrates } = storeSettings(config.store, { env: process.env, dataDirectory })
  const database = await openPatiently(location, silentLogger)
  try {
    await ensureSchema(database, { location, migrates, llmrVersion: version, logger: silentLogger })
    return await work(new TableBus(database.query))
  } finally {
    await database.close()
  }
}
