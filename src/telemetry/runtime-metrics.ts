import type { Registry } from 'prom-client'

let registry: Promise<Registry> | undefined

/**
 * What prom-client knows of any Node process (`process_*`, `nodejs_*`), in the Prometheus text format. These describe
 * the process and not a gateway, so there is one registry for all. It is loaded for the first reader, since the package
 * costs 70 ms of a start; its observers then run as long as the process does.
 */
export async function runtimeMetricsText(): Promise<string> {
  registry ??= openRegistry()
  return (await registry).metrics()
}

async function openRegistry(): Promise<Registry> {
  const { collectDefaultMetrics, Registry } = await import('prom-client')
  const opened = new Registry()
  collectDefaultMetrics({ register: opened })
  return opened
}
