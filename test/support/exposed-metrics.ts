import type { WorkerCounter } from '../../src/core/worker-definition.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { workerMetricsText } from '../../src/worker/worker-metrics.ts'
import { parseExposition } from './parse-exposition.ts'
import { requestRecord } from './request-record.ts'

/**
 * Every metric that a gateway or a worker shows once each thing has happened to it, with its labels; those of the process
 * among them, without `le`, and histograms by their name alone.
 */
export async function exposedMetrics(): Promise<ReadonlyMap<string, readonly string[]>> {
  const samples = parseExposition(`${await gatewayText()}${workerText()}`)
  return new Map(
    samples.map(({ name, labels }) => [
      name.replace(/_(?:bucket|sum|count)$/, ''),
      Object.keys(labels).filter((label) => label !== 'le'),
    ]),
  )
}

const counters: readonly WorkerCounter[] = [
  { metric: 'llmr_embedding_cache_total', labels: { kind: 'round', result: 'hit' }, value: 1 },
  { metric: 'llmr_summaries_written_total', labels: {}, value: 1 },
]

function gatewayText(): Promise<string> {
  const metrics = createMetrics({ version: '1.2.3', commit: 'abc', knownModels: () => new Set(['qwen3-8b']) })
  metrics.setFleet(() => ({
    backends: [{ name: 'box', isUp: true, inflight: 0, breakers: [{ model: 'm', isOpen: false }] }],
  }))
  const counts = { published: 0, droppedTurns: 0, droppedLineage: 0, counters }
  metrics.setSidePath(() => ({ ...counts, spoolBytes: 0, spoolWaiting: 0, spoolUnsettled: 0, spoolOldestMs: 0 }))
  metrics.requestFinished(requestRecord({ backgroundTask: 'title_generation' }))
  metrics.backendFailed({ backend: 'box', model: 'm', cause: 'refused' })
  metrics.swapPhaseEnded({ model: 'm', phase: 'load', durationMs: 1 })
  metrics.toolcallsIntervened({ kind: 'nudge', rule: 'same-call', model: 'm' })
  metrics.identityResolved({ tier: 'chain', durationMs: 1 })
  metrics.retrieved({ mode: 'hybrid', durationMs: 1, isFound: true })
  return metrics.text()
}

function workerText(): string {
  const standing = { name: 'embed', isWell: true, done: 1, buried: 0, held: 0, counters }
  return workerMetricsText(standing, { waiting: 0, lent: 0, oldestMs: 0 })
}
