import { silentLogger } from '../../../src/core/logger.ts'
import type { Bus, Consumer } from '../../../src/core/bus.ts'
import { openJetStreamBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { startWorker } from '../../../src/worker-runner.ts'
import { persistWorker } from '../../../workers/persist.ts'
import { openTestStore, postgresqlAt } from '../store/places.ts'

/**
 * A worker that is killed after so many commits, each time before it could tell the bus of the last; 0: never, and it ends
 * when nothing is left. Usage: persist-process.ts NATS-URL DATABASE-URL COMMITS
 */
const [natsUrl = '', databaseUrl = '', commits = '0'] = process.argv.slice(2)
const store = await openTestStore(postgresqlAt(databaseUrl))
const bus = await openJetStreamBus({ url: natsUrl, clientName: 'killed' })
let left = Number(commits)

function killing(consumer: Consumer): Consumer {
  return {
    fetch: (options) => consumer.fetch({ ...options, waitMs: 2_000 }),
    done(deliveries) {
      left -= 1
      if (left === 0) process.kill(process.pid, 'SIGKILL')
      return consumer.done(deliveries)
    },
    working: (deliveries) => consumer.working(deliveries),
    release: (deliveries, afterMs) => consumer.release(deliveries, afterMs),
    bury: (delivery, reason) => consumer.bury(delivery, reason),
    backlog: () => consumer.backlog(),
  }
}

const worker = startWorker({
  definition: persistWorker({ store: () => Promise.resolve(store), turnsKeepMs: 1e9, lineageKeepMs: 1e9 }),
  bus: (): Bus => ({
    consumer: async (options) => killing(await bus.consumer(options)),
    consumers: () => bus.consumers(),
    publish: (events) => bus.publish(events),
    removeConsumer: (name) => bus.removeConsumer(name),
    deadLetters: (most) => bus.deadLetters(most),
    redrive: (id) => bus.redrive(id),
  }),
  batch: 100,
  concurrency: 1,
  once: true,
  ackWaitMs: 1_000,
  logger: silentLogger,
})
await worker.ended
await bus.close()
await store.close()
