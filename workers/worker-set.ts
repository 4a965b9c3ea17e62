import type { Config } from '../src/config/schema.ts'
import type { StoreAccess } from '../src/store/store-access.ts'
import type { WorkerDefinition } from '../src/core/worker-definition.ts'
import { persistWorker } from './persist.ts'

/** Every worker, for a gateway that runs them itself. */
export function workerSet(store: StoreAccess, config: Config): readonly WorkerDefinition[] {
  return [persistWorkerOf(store, config)]
}

export function persistWorkerOf(store: Pick<StoreAccess, 'opened'>, { store: keeping }: Config): WorkerDefinition {
  return persistWorker({
    store: async () => store.opened(),
    turnsKeepMs: keeping.turns.keep,
    lineageKeepMs: keeping.lineage.keep,
  })
}
