import { backendKinds } from '../../src/backends/backend-kinds.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import type { Config, KeyConfig } from '../../src/config/schema.ts'
import { type Gateway, startGateway } from '../../src/gateway.ts'
import type { GatewayOptions } from '../../src/gateway/gateway-options.ts'
import type { ResidencyPlan } from '../../src/gateway/fleet/residency-plan.ts'
import type { Store } from '../../src/store/open-store.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { parseExposition } from './parse-exposition.ts'

export interface TestGateway extends Gateway {
  /** Every log line so far, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** The raw text of the log, to be searched for what must not be in it. */
  readonly logText: () => string
  /** Resolves with the first line, past or future, of which this is true. */
  readonly logged: (
    isIt: (line: Readonly<Record<string, unknown>>) => boolean,
  ) => Promise<Readonly<Record<string, unknown>>>
  /** Takes over another configuration, as after a change of the file; without a plan no models of its own are left. */
  readonly reconfigure: (yaml: string, residency?: ResidencyPlan) => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * The whole gateway in this process, on a free port of 127.0.0.1, configured by YAML as an operator writes it (listen is
 * filled in). Close it with `await using`, or by hand.
 *
 * @param options.readFile what the file holds when a reload is asked for over the admin API
 */
export async function startTestGateway(
  yaml: string,
  options: {
    storedKeys?: readonly KeyConfig[]
    dataDirectory?: string
    readFile?: () => string
    residency?: ResidencyPlan
    openStore?: () => Promise<Store>
    /** What a request may wait for the store; tests of what is kept must not depend on how busy a machine is. */
    storeBudgetMs?: number
    side?: GatewayOptions['side']
  } = {},
): Promise<TestGateway> {
  const { storedKeys = [], dataDirectory, readFile, openStore, storeBudgetMs, side } = options
  const lines: Readonly<Record<string, unknown>>[] = []
  const waiting = new Set<(line: Readonly<Record<string, unknown>>) => void>()
  let text = ''
  const stream = {
    write(line: string) {
      text += line
      const parsed = JSON.parse(line) as Readonly<Record<string, unknown>>
      lines.push(parsed)
      for (const listener of waiting) listener(parsed)
    },
  }
  const logger = createLogger({ level: 'debug', stream })
  const config = withStoreBudget(configFrom(yaml), storeBudgetMs)
  const gateway = await startGateway({
    config,
    storedKeys,
    residency: options.residency,
    load: async () => ({ config: readFile === undefined ? config : configFrom(readFile()), storedKeys }),
    version: '0.0.0-test',
    commit: 'test',
    dataDirectory,
    openStore,
    side,
    // Whatever else runs on this machine is none of a test's business.
    discoveryPorts: [],
    simulated: { embeddings: true },
    logger,
    createMetrics: (metricsOptions) => createMetrics({ version: '0.0.0-test', commit: 'test', ...metricsOptions }),
  })
  const watched: Omit<TestGateway, keyof Gateway> = {
    log: lines,
    logText: () => text,
    logged: (isIt) =>
      new Promise((resolve) => {
        const past = lines.find(isIt)
        if (past !== undefined) {
          resolve(past)
          return
        }
        const listener = (line: Readonly<Record<string, unknown>>): void => {
          if (!isIt(line)) return
          waiting.delete(listener)
          resolve(line)
        }
        waiting.add(listener)
      }),
    reconfigure: (next, residency) =>
      gateway.reload({ config: configFrom(next), storedKeys, ...(residency !== undefined && { residency }) }),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
  return Object.assign(gateway, watched)
}

/** Requests in hand as `/metrics` counts them, without the one that asks. */
export async function inflightRequests(
  gateway: { readonly url: string },
  headers: Record<string, string> = {},
): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text()
  const sample = parseExposition(text).find(({ name }) => name === 'llmr_inflight_requests')
  if (sample === undefined) throw new Error(`no count of requests in hand: ${text.slice(0, 200)}`)
  return sample.value - 1
}

function withStoreBudget(config: Config, requestTimeoutMs = config.store.request_timeout): Config {
  return { ...config, store: { ...config.store, request_timeout: requestTimeoutMs } }
}

function configFrom(yaml: string) {
  const { config } = parseConfig({ text: yaml, file: 'llmr.yaml', backendKinds, env: process.env })
  return { ...config, listen: { ...config.listen, port: config.listen.port === 8411 ? 0 : config.listen.port } }
}
