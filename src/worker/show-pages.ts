import type { OpenedConfig } from '../config/open-config.ts'
import type { Logger } from '../core/logger.ts'
import { isLoopbackHost } from '../http/auth/loopback.ts'
import type { StoreAccess } from '../store/store-access.ts'
import { runtimeMetricsText } from '../telemetry/runtime-metrics.ts'
import type { RunningWorker } from '../worker-runner.ts'
import { pageAccess } from './page-access.ts'
import { readinessOf } from './readiness.ts'
import type { StopSignal } from './stop-signal.ts'
import { workerMetricsText } from './worker-metrics.ts'
import { startWorkerPages, type WorkerPages } from './worker-pages.ts'

export interface ShowPagesOptions {
  readonly host: string
  /** Absent: nothing is shown. */
  readonly port?: number
  readonly version: string
  readonly opened: OpenedConfig
  readonly worker: RunningWorker
  readonly stop: Pick<StopSignal, 'isAsked'>
  readonly store: Pick<StoreAccess, 'opened'>
  readonly logger: Logger
}

/** Health, readiness and metrics of a worker that is a process of its own, where the operator wants them. */
export async function showPages(options: ShowPagesOptions): Promise<WorkerPages | undefined> {
  const { host, port, version, opened, worker, stop, store, logger } = options
  if (port === undefined) return undefined
  const { name } = worker.standing()
  const pages = await startWorkerPages({
    host,
    port,
    name,
    version,
    access: pageAccess({ keys: opened.config.auth.keys, keysFile: opened.keysFile }),
    readiness: readinessOf({
      isDraining: stop.isAsked,
      isWell: () => worker.standing().isWell,
      store: async () => (await store.opened()).ping(),
      bus: async () => {
        if ((await worker.backlog()) === undefined) throw new Error('the bus does not say what waits')
      },
    }),
    metrics: async () => {
      const backlog = await worker.backlog()
      return `${workerMetricsText(worker.standing(), backlog)}${await runtimeMetricsText()}`
    },
  })
  logger.info({ url: pages.url }, 'health and metrics of the worker')
  if (!isLoopbackHost(host)) logger.warn({}, plaintext(host))
  return pages
}

function plaintext(host: string): string {
  return (
    `/metrics can be read on "${host}" with a key of the scope metrics, which travels unencrypted. ` +
    'Let only your monitoring connect there.'
  )
}
