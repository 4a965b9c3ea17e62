import { backendKinds } from '../backends/kinds.ts'
import { openConfig } from '../config/open-config.ts'
import { systemClock } from '../core/clock.ts'
import { BusAccess } from '../events/bus-access.ts'
import { gatewayInReach } from '../gateway/configure/own-gateway.ts'
import { brokerOpener } from '../gateway/configure/broker-opener.ts'
import { storeOpener } from '../gateway/configure/store-opener.ts'
import { storeSettings } from '../gateway/configure/store-settings.ts'
import { StoreAccess } from '../store/store-access.ts'
import { createLogger } from '../telemetry/logger.ts'
import { startWorker, type WorkerStanding } from '../worker-runner.ts'
import type { WorkerDefinition } from '../core/worker-definition.ts'
import { startWorkerPages } from './worker-pages.ts'
import type { WorkerSurroundings } from '../gateway/configure/worker-surroundings.ts'

export interface RunWorkerOptions {
  readonly flags: { readonly config?: string; readonly data?: string }
  readonly batch: number
  readonly concurrency: number
  readonly once: boolean
  /** Where health and metrics are shown on 127.0.0.1; 0 takes a free port. Absent: nowhere. */
  readonly port?: number
  readonly version: string
  readonly define: (surroundings: WorkerSurroundings) => WorkerDefinition | undefined
  /** The section without which there is nothing for it to do. */
  readonly needs?: string
}

/** A worker cannot share the embedded database with the gateway that has it open. */
export class WorkerNeedsServer extends Error {
  override readonly name = 'WorkerNeedsServer'
}

/** Nothing is configured for it to do. */
export class WorkerUnconfigured extends Error {
  override readonly name = 'WorkerUnconfigured'
}

/**
 * Runs one worker as a process of its own until it is told to stop, or, with `once`, until nothing is left.
 *
 * @throws ConfigError, StoreError, WorkerNeedsServer, WorkerUnconfigured
 */
export async function runWorker(options: RunWorkerOptions): Promise<WorkerStanding> {
  const { flags, version, define, needs, port } = options
  const opened = await openConfig({ flag: flags.config, data: flags.data, backendKinds })
  const { config, dataDirectory } = opened
  const { location } = storeSettings(config.store, { env: process.env, dataDirectory })
  if (location.engine === 'pglite') {
    throw new WorkerNeedsServer(
      'A worker of its own needs a PostgreSQL server (DATABASE_URL or store.url): the embedded database serves one process, ' +
        'and the gateway that has it does this work itself.',
    )
  }
  const logger = createLogger(config.telemetry.log)
  const store = new StoreAccess({
    open: storeOpener({ config, dataDirectory }, { version, logger }),
    clock: systemClock,
    logger,
  })
  const openBroker = brokerOpener(config, process.env)
  const broker = openBroker && new BusAccess(openBroker)
  const bus = async () => (broker === undefined ? (await store.opened()).bus : broker.opened())
  const ownGateway = () => gatewayInReach(dataDirectory, process.env)
  const definition = define({ config, store, bus, ownGateway })
  if (definition === undefined) {
    await logger.close()
    throw new WorkerUnconfigured(`This worker needs ${needs} in llmr.yaml, which says the model that it asks.`)
  }
  const worker = startWorker({ ...options, definition, bus, logger })
  const pages = port === undefined ? undefined : await startWorkerPages({ port, ...worker })
  if (pages !== undefined) logger.info({ url: pages.url }, 'health and metrics of the worker')
  const stop = (): void => void worker.close()
  process.once('SIGTERM', stop).once('SIGINT', stop)
  try {
    await worker.ended
    return worker.standing()
  } finally {
    process.off('SIGTERM', stop).off('SIGINT', stop)
    await pages?.close()
    await broker?.close()
    await store.close()
    await logger.close()
  }
}
