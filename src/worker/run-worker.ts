import { backendKinds } from '../backends/backend-kinds.ts'
import { type OpenedConfig, openConfig } from '../config/open-config.ts'
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
import { showPages } from './show-pages.ts'
import { stopSignal } from './stop-signal.ts'
import type { WorkerPages } from './worker-pages.ts'
import type { WorkerSurroundings } from '../gateway/configure/worker-surroundings.ts'

export interface RunWorkerOptions {
  readonly flags: { readonly config?: string; readonly data?: string }
  readonly batch: number
  readonly concurrency: number
  readonly once: boolean
  /** Where health and metrics are shown; 0 takes a free port. Absent: nowhere. */
  readonly port?: number
  readonly host: string
  /** How long batches in hand may take when it is told to end. */
  readonly shutdownTimeoutMs: number
  readonly version: string
  readonly define: (surroundings: WorkerSurroundings) => WorkerDefinition | undefined
  /** The section without which there is nothing for it to do. */
  readonly needs?: string
}

/** To close connections, beyond what batches in hand may take; then the process ends all the same. */
const closeConnectionsMs = 5_000

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
 * @throws ConfigError, StoreError, WorkerNeedsServer, WorkerUnconfigured, and the socket's error for the address of its pages
 */
export async function runWorker(options: RunWorkerOptions): Promise<WorkerStanding> {
  const { flags, version, define, needs, shutdownTimeoutMs } = options
  const opened = await openConfig({ flag: flags.config, data: flags.data, backendKinds })
  const { config, dataDirectory } = opened
  requireServer(opened)
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
  const stop = stopSignal(shutdownTimeoutMs + closeConnectionsMs)
  const worker = startWorker({ ...options, closeTimeoutMs: shutdownTimeoutMs, definition, bus, logger })
  let pages: WorkerPages | undefined
  try {
    pages = await showPages({ ...options, opened, worker, stop, store, logger })
    const reason = await Promise.race([worker.ended, stop.asked])
    if (reason !== undefined) logger.info({ reason, shutdown_timeout_ms: shutdownTimeoutMs }, 'shutting down')
    await worker.close()
    return worker.standing()
  } finally {
    await worker.close() // when the address of its pages cannot be had
    await pages?.close()
    await Promise.all([broker?.close(), store.close()])
    if (stop.isAsked()) logger.info({}, 'shut down')
    stop.forget()
    await logger.close()
  }
}

function requireServer({ config, dataDirectory }: OpenedConfig): void {
  const { location } = storeSettings(config.store, { env: process.env, dataDirectory })
  if (location.engine !== 'pglite') return
  throw new WorkerNeedsServer(
    'A worker of its own needs a PostgreSQL server (DATABASE_URL or store.url): the embedded database serves one process, ' +
      'and the gateway that has it does this work itself.',
  )
}
