import type { SidePathStanding } from '../core/side-path-standing.ts'
import type { WorkerCounter } from '../core/worker-definition.ts'
import type { BackendStanding, FleetSnapshot, Metrics } from '../core/metrics.ts'
import { expose, expositionContentType } from './exposition.ts'
import { createIdentityMetrics } from './identity-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { runtimeMetricsText } from './runtime-metrics.ts'
import { countedFamily, counterFamily, gaugeFamily, histogramFamily } from './series.ts'

export interface MetricsOptions {
  readonly version: string
  readonly commit: string
  /** Names that may become label values; any other model counts as `other`. Asked again for each request. */
  readonly knownModels: () => { has(model: string): boolean }
}

export interface MetricsRegistry extends Metrics {
  /** Where the state of the backends is read when somebody asks for the metrics. */
  setFleet(read: () => FleetSnapshot): void
  /** Where the state of the side path is read; without it nothing is said of it. */
  setSidePath(read: () => SidePathStanding): void
  /** Everything in the Prometheus text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** Its bound is 50 ms. */
const retrievalBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.1]

/** From an engine that goes at once to weights that come over a network, seconds. */
const swapBounds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320]

/**
 * Counts requests for Prometheus. Names and labels are a contract, described in docs/metrics.md. No label holds what a
 * client invented: models are looked up, and the combinations of all labels are bounded.
 */
export function createMetrics(options: MetricsOptions): MetricsRegistry {
  const requests = createRequestMetrics(options.knownModels)
  const backendFailures = counterFamily({
    name: 'llmr_backend_failures_total',
    help: 'Attempts that a backend did not serve, by cause class.',
    labels: ['backend', 'cause'],
  })
  const interventions = counterFamily({
    name: 'llmr_toolcall_interventions_total',
    help: 'Changes made to requests with tools and to their replies.',
    labels: ['kind', 'rule', 'model'],
  })
  const identities = createIdentityMetrics()
  const clientAborts = counterFamily({
    name: 'llmr_client_aborts_total',
    help: 'Requests whose client left before the reply was complete.',
  })
  const swaps = histogramFamily({
    name: 'llmr_swap_seconds',
    help: 'Phases of putting a model out of memory and another in.',
    labels: ['phase', 'model'],
    bounds: swapBounds,
  })
  const retrievals = histogramFamily({
    name: 'llmr_retrieval_duration_seconds',
    help: 'Looking for what a request is given back of its conversation.',
    labels: ['mode', 'result'],
    bounds: retrievalBounds,
  })
  const injectedTokens = counterFamily({
    name: 'llmr_context_injected_tokens_total',
    help: 'Tokens that requests were given back of their conversations, estimated.',
  })
  const injected = injectedTokens.series()
  const aborts = clientAborts.series()
  let inflight = 0
  let readFleet = (): FleetSnapshot => ({ backends: [] })

  const families = [
    ...requests.families,
    backendFailures,
    clientAborts,
    interventions,
    swaps,
    retrievals,
    injectedTokens,
    ...identities.families,
    gaugeFamily({
      name: 'llmr_inflight_requests',
      help: 'Requests being worked on.',
      read: () => [[[], inflight]],
    }),
    ...fleetFamilies(() => readFleet().backends),
    gaugeFamily({
      name: 'llmr_build_info',
      help: 'Always 1; the labels say which build this is.',
      labels: ['version', 'commit'],
      read: () => [[[options.version, options.commit], 1]],
    }),
  ]

  return {
    requestStarted: () => {
      inflight += 1
    },
    requestFinished: (record) => {
      inflight -= 1
      if (record.isClientGone) aborts.value += 1
      requests.count(record)
    },
    backendFailed: ({ backend, cause }) => {
      backendFailures.series(backend, cause).value += 1
    },
    toolcallsIntervened: ({ kind, rule = 'none', model }) => {
      const label = options.knownModels().has(model) ? model : 'other'
      interventions.series(kind, rule, label).value += 1
    },
    retrieved: ({ mode, durationMs, isFound }) => {
      retrievals.series(mode, isFound ? 'found' : 'unavailable').observe(durationMs / 1000)
    },
    contextInjected: ({ tokens }) => {
      injected.value += tokens
    },
    swapPhaseEnded: ({ phase, model, durationMs }) => swaps.series(phase, model).observe(durationMs / 1000),
    identityResolved: identities.resolved,
    setSidePath: (read) => {
      families.push(...sidePathFamilies(read))
    },
    setFleet: (read) => {
      readFleet = read
    },
    text: async () => `${expose(families)}\n${await runtimeMetricsText()}`,
    contentType: expositionContentType,
  }
}

function sidePathFamilies(read: () => SidePathStanding) {
  return [
    countedFamily({
      name: 'llmr_events_published_total',
      help: 'Events that the bus has taken.',
      labels: [],
      read: () => [[[], read().published]],
    }),
    countedFamily({
      name: 'llmr_events_dropped_total',
      help: 'Events that found no room in the spool, or were larger than the bus takes.',
      labels: ['class'],
      read: () => [
        [['turn'], read().droppedTurns],
        [['lineage'], read().droppedLineage],
      ],
    }),
    gaugeFamily({
      name: 'llmr_spool_bytes',
      help: 'Size of the files of the spool.',
      labels: [],
      read: () => [[[], read().spoolBytes]],
    }),
    gaugeFamily({
      name: 'llmr_spool_waiting',
      help: 'Events in the spool that the bus has not taken.',
      labels: [],
      read: () => [[[], read().spoolWaiting]],
    }),
    gaugeFamily({
      name: 'llmr_spool_unsettled',
      help: 'Events in the spool that have not been worked on, as far as is known.',
      labels: [],
      read: () => [[[], read().spoolUnsettled]],
    }),
    gaugeFamily({
      name: 'llmr_spool_oldest_seconds',
      help: 'How long the oldest of these has been in the spool.',
      labels: [],
      read: () => [[[], read().spoolOldestMs / 1_000]],
    }),
    ...workerFamilies(() => read().counters),
  ]
}

/** Of workers in this process; those that run alone show the same on pages of their own. */
function workerFamilies(read: () => readonly WorkerCounter[]) {
  const of = (metric: string, labels: readonly string[]) => () =>
    read()
      .filter((counter) => counter.metric === metric)
      .map((counter) => [labels.map((label) => counter.labels[label] ?? ''), counter.value] as const)
  return [
    countedFamily({
      name: 'llmr_embedding_cache_total',
      help: 'Texts that were to get a vector, by where it came from.',
      labels: ['kind', 'result'],
      read: of('llmr_embedding_cache_total', ['kind', 'result']),
    }),
    countedFamily({
      name: 'llmr_summaries_written_total',
      help: 'Summaries of long conversations.',
      labels: [],
      read: of('llmr_summaries_written_total', []),
    }),
  ]
}

function fleetFamilies(backends: () => readonly BackendStanding[]) {
  return [
    gaugeFamily({
      name: 'llmr_backend_up',
      help: '1 when the last check of the backend succeeded, else 0.',
      labels: ['backend'],
      read: () => backends().map(({ name, isUp }) => [[name], Number(isUp)]),
    }),
    gaugeFamily({
      name: 'llmr_backend_inflight',
      help: 'Requests that the backend works on for this gateway.',
      labels: ['backend'],
      read: () => backends().map(({ name, inflight }) => [[name], inflight]),
    }),
    gaugeFamily({
      name: 'llmr_breaker_open',
      help: '1 while the circuit breaker of a backend and model keeps requests away, else 0.',
      labels: ['backend', 'model'],
      read: () =>
        backends().flatMap(({ name, breakers }) =>
          breakers.map(({ model, isOpen }) => [[name, model], Number(isOpen)] as const),
        ),
    }),
  ]
}
