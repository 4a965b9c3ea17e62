import { silentLogger } from '../../../src/core/logger.ts'
import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { startWorker } from '../../../src/worker-runner.ts'
import { persistWorker } from '../../../workers/persist.ts'
import { openTestStore, postgresqlAt } from '../store/places.ts'
import { killingBus } from './killing-bus.ts'

/**
 * A worker that is killed after so many commits, each time before it could tell the bus of the last; 0: never, and it ends
 * when nothing is left. Asks for the embedding of what it keeps. Usage: persist-process.ts NATS-URL DATABASE-URL COMMITS
 */
const [natsUrl = '', databaseUrl = '', commits = '0'] = process.argv.slice(2)
const store = await openTestStore(postgresqlAt(databaseUrl))
const bus = await openJetStreamBus({ url: natsUrl, clientName: 'killed' })

const worker = startWorker({
  definition: persistWorker({
    store: () => Promise.resolve(store),
    turnsKeepMs: 1e9,
    lineageKeepMs: 1e9,
    next: { tasks: ['embedding'], bus: () => Promise.resolve(bus) },
  }),
  bus: () => killingBus(bus, Number(commits)),
  batch: 100,
  concurrency: 1,
  once: true,
  ackWaitMs: 1_000,
  logger: silentLogger,
})
await worker.ended
await bus.close()
await store.close()
