import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

import type { Backlog } from '../core/bus.ts'
import type { WorkerCounter } from '../core/worker-definition.ts'
import type { RunningWorker, WorkerStanding } from '../worker-runner.ts'

/**
 * `/healthz` (200 while the worker can work, else 503) and `/metrics` in the Prometheus text format, on 127.0.0.1.
 *
 * @throws the socket's error when the port is taken
 */
export async function startWorkerPages({
  port,
  standing,
  backlog,
}: {
  readonly port: number
} & Pick<RunningWorker, 'standing' | 'backlog'>): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { isWell } = standing()
    if (request.url === '/healthz') response.writeHead(isWell ? 200 : 503).end(isWell ? 'ok\n' : 'held\n')
    else if (request.url === '/metrics') {
      void backlog().then((found) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(standing(), found))
      })
    } else response.writeHead(404).end('This is a worker of llmr: /healthz, /metrics.\n')
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function metricsText(
  { name, isWell, done, buried, held, counters }: WorkerStanding,
  backlog: Backlog | undefined,
): string {
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
