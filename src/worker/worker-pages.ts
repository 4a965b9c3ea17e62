import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

import type { WorkerCounter } from '../core/worker-definition.ts'
import type { WorkerStanding } from '../worker-runner.ts'

/**
 * `/healthz` (200 while the worker can work, else 503) and `/metrics` in the Prometheus text format, on 127.0.0.1.
 *
 * @throws the socket's error when the port is taken
 */
export async function startWorkerPages({
  port,
  standing,
}: {
  readonly port: number
  readonly standing: () => WorkerStanding
}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const { isWell } = standing()
    if (request.url === '/healthz') response.writeHead(isWell ? 200 : 503).end(isWell ? 'ok\n' : 'held\n')
    else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metricsText(standing()))
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

function metricsText({ name, isWell, done, buried, held, counters }: WorkerStanding): string {
  const families = [
    { metric: 'llmr_worker_events_done_total', type: 'counter', value: done },
    { metric: 'llmr_worker_dead_letters_total', type: 'counter', value: buried },
    { metric: 'llmr_worker_held_total', type: 'counter', value: held },
    { metric: 'llmr_worker_up', type: 'gauge', value: Number(isWell) },
  ]
  const own = Map.groupBy(counters, ({ metric }) => metric)
  return [
    ...families.map(({ metric, type, value }) => `# TYPE ${metric} ${type}\n${metric}{worker="${name}"} ${value}\n`),
    ...Array.from(own, ([metric, some]) => `# TYPE ${metric} counter\n${some.map(counterLine).join('')}`),
  ].join('')
}

/** Labels are llmr's own words and need no escaping. */
function counterLine({ metric, labels, value }: WorkerCounter): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  return `${metric}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}
