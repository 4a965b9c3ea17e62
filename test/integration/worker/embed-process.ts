import { silentLogger } from '../../../src/core/logger.ts'
import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { startWorker } from '../../../src/worker-runner.ts'
import { embedWorkerOf } from '../../../workers/worker-set.ts'
import { fakeDimensions } from '../../support/fake-embedder.ts'
import { workerConfig } from '../../support/worker-config.ts'
import { openTestStore, postgresqlAt } from '../store/places.ts'
import { killingBus } from './killing-bus.ts'

/** As persist-process.ts, for embed. Usage: embed-process.ts NATS-URL DATABASE-URL COMMITS EMBEDDER-URL */
const [natsUrl = '', databaseUrl = '', commits = '0', embedderUrl = ''] = process.argv.slice(2)
const store = await openTestStore(postgresqlAt(databaseUrl))
const bus = await openJetStreamBus({ url: natsUrl, clientName: 'killed' })
const killing = killingBus(bus, Number(commits))
const config = workerConfig(
  `memory: {keep: on, embeddings: {model: m, url: '${embedderUrl}', dimensions: ${fakeDimensions}}}`,
)
const definition = embedWorkerOf({
  config,
  store: { opened: () => store },
  bus: () => Promise.resolve(killing),
  ownGateway: () => {
    throw new Error('not asked')
  },
})
if (definition === undefined) throw new Error('no worker')
const worker = startWorker({
  definition,
  bus: () => killing,
  batch: 100,
  concurrency: 1,
  once: true,
  ackWaitMs: 1_000,
  logger: silentLogger,
})
await worker.ended
await bus.close()
await store.close()
