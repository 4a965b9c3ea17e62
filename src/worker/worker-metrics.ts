import type { Backlog } from '../core/bus.ts'
import type { WorkerCounter } from '../core/worker-definition.ts'
import type { WorkerStanding } from '../worker-runner.ts'

/** In the Prometheus text format; names and labels are a contract, described in docs/metrics.md. */
export function workerMetricsText(standing: WorkerStanding, backlog: Backlog | undefined): string {
  const { name, isWell, done, buried, held, counters } = standing
  const families = [
    { metric: 'llmr_worker_events_done_total', type: 'counter', value: done },
    { metric: 'llmr_worker_dead_letters_total', type: 'counter', value: buried },
    { metric: 'llmr_worker_held_total', type: 'counter', value: held },
    { metric: 'llmr_worker_up', type: 'gauge', value: Number(isWell) },
    // Absent while nobody can say: a gap in a graph is true, and a nought would not be.
    ...(backlog === undefined ? [] : backlogFamilies(backlog)),
  ]
  const own = Map.groupBy(counters, ({ metric }) => metric)
  return [
    ...families.map(({ metric, type, value }) => `# TYPE ${metric} ${type}\n${metric}{worker="${name}"} ${value}\n`),
    ...Array.from(own, ([metric, some]) => `# TYPE ${metric} counter\n${some.map(counterLine).join('')}`),
  ].join('')
}

function backlogFamilies({ waiting, lent, oldestMs = 0 }: Backlog) {
  return [
    { metric: 'llmr_consumer_lag_seconds', type: 'gauge', value: oldestMs / 1_000 },
    { metric: 'llmr_consumer_waiting', type: 'gauge', value: waiting },
    { metric: 'llmr_consumer_lent', type: 'gauge', value: lent },
  ]
}

/** Labels are llmr's own words and need no escaping. */
function counterLine({ metric, labels, value }: WorkerCounter): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  return `${metric}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}
