import type { BusEvent } from '../../../src/core/bus.ts'
import { runWorker } from '../../../src/worker/run-worker.ts'
import type { WorkerDefinition } from '../../../src/core/worker-definition.ts'
import { persistWorkerOf } from '../../../workers/worker-set.ts'
import { laterType } from './later-version.ts'

/** The worker of a later llmr: reads a version of turns that today's does not know. */
function later(definition: WorkerDefinition): WorkerDefinition {
  return {
    ...definition,
    isForLater: () => false,
    work: (events) => definition.work(events.map(asTodays)),
  }
}

function asTodays(event: BusEvent): BusEvent {
  const { headers } = event
  if (headers['ce-type'] !== laterType) return event
  return { ...event, headers: { ...headers, 'ce-type': laterType.replace('v2', 'v1') } }
}

await runWorker({
  flags: {},
  batch: 50,
  concurrency: 1,
  once: false,
  host: '127.0.0.1',
  shutdownTimeoutMs: 10_000,
  version: '99.0.0',
  define: (surroundings) => later(persistWorkerOf(surroundings)),
})
