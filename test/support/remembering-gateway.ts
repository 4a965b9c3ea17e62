import type { BusEvent } from '../../src/core/bus.ts'
import type { WorkerDefinition } from '../../src/core/worker-definition.ts'
import type { Store } from '../../src/store/open-store.ts'
import { workerSet } from '../../workers/worker-set.ts'
import type { StoreLocation } from '../../src/store/open-database.ts'
import { openTestStore, pgliteAt } from '../integration/store/places.ts'
import { postChat } from './chat.ts'
import { emptyPglite } from './empty-pglite.ts'
import { startTestGateway, type TestGateway } from './start-gateway.ts'
import { workerConfig } from './worker-config.ts'

export interface RememberingGateway {
  readonly gateway: TestGateway
  readonly store: Store
  /** Resolves when that worker has done this request's event. */
  readonly done: (worker: string, requestId: string) => Promise<void>
}

/**
 * A gateway, with the embedded database unless told otherwise, that keeps everybody's conversations and runs its workers itself. Close it.
 *
 * @param memory further keys of the section, as they stand in llmr.yaml
 * @param rest other sections
 * @param place where an empty database is
 */
export async function rememberingGateway(
  memory: string,
  rest = '',
  place?: StoreLocation,
): Promise<RememberingGateway> {
  const yaml = `memory: {keep: on, ${memory}}\n${rest}`
  const dataDirectory = await emptyPglite()
  const store = await openTestStore(place ?? pgliteAt(dataDirectory))
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const promised = (worker: string, requestId: string): PromiseWithResolvers<void> => {
    const key = `${worker} ${requestId}`
    const found = waiting.get(key) ?? Promise.withResolvers<void>()
    waiting.set(key, found)
    return found
  }
  const telling = (definition: WorkerDefinition): WorkerDefinition => ({
    ...definition,
    work: async (events: readonly BusEvent[]) => {
      await definition.work(events)
      for (const { headers } of events) promised(definition.name, headers['ce-subject'] ?? '').resolve()
    },
  })
  const gateway = await startTestGateway(yaml, {
    dataDirectory,
    openStore: () => Promise.resolve(store),
    storeBudgetMs: 60_000,
    side: {
      openBroker: undefined,
      workers: (surroundings) => workerSet({ ...surroundings, config: workerConfig(yaml) }).map(telling),
    },
  })
  return { gateway, store, done: (worker, requestId) => promised(worker, requestId).promise }
}

/** One message; resolves to the request's id when the reply is over. */
export async function say(gateway: TestGateway, content: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await postChat(gateway.url, { messages: [{ role: 'user', content }] }, { headers })
  if (response.status !== 200) throw new Error(`expected a reply, got ${response.status}`)
  await response.text()
  return response.headers.get('x-request-id') ?? ''
}
