import { backendKinds } from '../../backends/kinds.ts'
import { openConfig } from '../../config/open-config.ts'
import type { Bus } from '../../core/bus.ts'
import { silentLogger } from '../../core/logger.ts'
import { TableBus } from '../../store/bus/table-bus.ts'
import { ensureSchema } from '../../store/migrations/ensure-schema.ts'
import { openPatiently } from '../../store/open-database.ts'
import { brokerOpener } from '../configure/broker-opener.ts'
import { storeSettings } from '../configure/store-settings.ts'
import { isWithoutGateway } from './find-flows.ts'
import { gatewayBus } from './gateway-bus.ts'
import { readGatewayFile } from './gateway-file.ts'
import type { OperatorBus } from './operator-bus.ts'

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
  const openBroker = brokerOpener(config, process.env)
  if (openBroker !== undefined) {
    const bus = await openBroker()
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

/**
 * The same for what an operator asks, also while a gateway holds the embedded store: then that one is asked.
 *
 * @throws as above, and CliError
 */
export async function withOperatorBus<Result>(
  options: { readonly config?: string; readonly data?: string; readonly version: string },
  work: (bus: OperatorBus) => Promise<Result>,
): Promise<Result> {
  const { config, dataDirectory } = await openConfig({ flag: options.config, data: options.data, backendKinds })
  const { location } = storeSettings(config.store, { env: process.env, dataDirectory })
  const running = readGatewayFile(dataDirectory)
  const isHeld = brokerOpener(config, process.env) === undefined && location.engine === 'pglite'
  if (!isHeld || running === undefined) return withBus(options, work)
  try {
    return await work(gatewayBus({ url: running.url, key: running.admin_key }))
  } catch (error) {
    if (!isWithoutGateway(error)) throw error
    return withBus(options, work) // it was killed, and left its word behind
  }
}
