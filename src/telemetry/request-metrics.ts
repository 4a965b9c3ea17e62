import type { RequestRecord } from '../core/request-record.ts'
import { counterFamily, histogramFamily } from './series.ts'
import type { Counter, Family, Histogram } from './series.ts'

export interface RequestMetrics {
  readonly families: readonly Family[]
  count(record: RequestRecord): void
}

/** Combinations of label values; what comes after them is counted under `other`. */
const combinationsMax = 2000
const backgroundKindsMax = 50

/**
 * What finished requests add up to. Half a microsecond a request: the series that one kind of request adds to are kept
 * together and found by one look-up.
 */
export function createRequestMetrics(knownModels: () => { has(model: string): boolean }): RequestMetrics {
  const families = requestFamilies()
  const combinations = new Map<string, RequestSeries>()
  const backgroundKinds = new Map<string, Counter>()

  function seriesFor(labels: RequestLabels): RequestSeries {
    const key = `${labels.route}\n${labels.model}\n${labels.backend}\n${labels.statusClass}\n${labels.stream}`
    const known = combinations.get(key)
    if (known !== undefined) return known
    const isFull = combinations.size >= combinationsMax
    const series = seriesOf(families, isFull ? overflow : labels)
    if (!isFull) combinations.set(key, series)
    return series
  }

  function backgroundCounter(kind: string): Counter {
    const known = backgroundKinds.get(kind)
    if (known !== undefined) return known
    const isFull = backgroundKinds.size >= backgroundKindsMax
    const counter = families.background.series(isFull ? 'other' : kind)
    if (!isFull) backgroundKinds.set(kind, counter)
    return counter
  }

  return {
    families: Object.values(families),
    count(record) {
      add(record, seriesFor(labelsOf(record, knownModels())))
      if (record.backgroundTask !== undefined) backgroundCounter(record.backgroundTask).value += 1
    },
  }
}

interface RequestLabels {
  readonly route: string
  readonly model: string
  readonly backend: string
  readonly statusClass: string
  readonly stream: string
}

const overflow: RequestLabels = {
  route: 'other',
  model: 'other',
  backend: 'other',
  statusClass: 'other',
  stream: 'other',
}

function labelsOf(record: RequestRecord, knownModels: { has(model: string): boolean }): RequestLabels {
  const model = record.model ?? record.requestedModel
  return {
    route: record.route,
    model: model === undefined ? 'none' : knownModels.has(model) ? model : 'other',
    backend: record.backend ?? 'none',
    statusClass: record.status >= 100 && record.status < 600 ? `${Math.floor(record.status / 100)}xx` : 'other',
    stream: record.isStream ? 'true' : 'false',
  }
}

interface RequestSeries {
  readonly requests: Counter
  readonly duration: Histogram
  readonly firstToken: Histogram
  readonly perToken: Histogram
  readonly promptTokens: Counter
  readonly cachedTokens: Counter
  readonly completionTokens: Counter
}

function seriesOf(families: RequestFamilies, labels: RequestLabels): RequestSeries {
  const { route, model, backend, statusClass, stream } = labels
  return {
    requests: families.requests.series(route, model, backend, statusClass, stream),
    duration: families.duration.series(route, model),
    firstToken: families.firstToken.series(model, backend),
    perToken: families.perToken.series(model, backend),
    promptTokens: families.tokens.series('prompt', model),
    cachedTokens: families.cachedTokens.series(model),
    completionTokens: families.tokens.series('completion', model),
  }
}

function add(record: RequestRecord, series: RequestSeries): void {
  series.requests.value += 1
  series.duration.observe(record.durationMs / 1000)
  series.promptTokens.value += record.promptTokens ?? 0
  series.cachedTokens.value += record.cachedTokens ?? 0
  series.completionTokens.value += record.completionTokens ?? 0
  if (!record.isStream || record.status >= 400 || record.timeToFirstByteMs === undefined) return
  series.firstToken.observe(record.timeToFirstByteMs / 1000)
  const tokens = record.completionTokens ?? 0
  if (tokens >= 2) series.perToken.observe((record.durationMs - record.timeToFirstByteMs) / 1000 / (tokens - 1))
}

type RequestFamilies = ReturnType<typeof requestFamilies>

function requestFamilies() {
  return {
    requests: counterFamily({
      name: 'llmr_requests_total',
      help: 'Finished requests.',
      labels: ['route', 'model', 'backend', 'status_class', 'stream'],
    }),
    duration: histogramFamily({
      name: 'llmr_request_duration_seconds',
      help: 'From the start of the request to the end of the reply.',
      labels: ['route', 'model'],
      bounds: durationBounds,
    }),
    firstToken: histogramFamily({
      name: 'llmr_time_to_first_token_seconds',
      help: 'From the start of the request to the first byte of a streamed reply.',
      labels: ['model', 'backend'],
      bounds: firstTokenBounds,
    }),
    perToken: histogramFamily({
      name: 'llmr_time_per_output_token_seconds',
      help: 'Mean time between the tokens of one streamed reply, the first excluded.',
      labels: ['model', 'backend'],
      bounds: perTokenBounds,
    }),
    tokens: counterFamily({
      name: 'llmr_tokens_total',
      help: 'Tokens that backends reported; the prompt counts in full, cached or not.',
      labels: ['direction', 'model'],
    }),
    cachedTokens: counterFamily({
      name: 'llmr_cached_prompt_tokens_total',
      help: 'The part of the prompt tokens that the backend took from its cache.',
      labels: ['model'],
    }),
    background: counterFamily({
      name: 'llmr_background_requests_total',
      help: 'Requests that clients sent on their own account: titles, tags, follow-ups.',
      labels: ['kind'],
    }),
  }
}

// The bounds of vLLM's histograms, so that its graphs and these can be laid over each other; request durations get
// finer ones below, since much of what passes through is no generation.
const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920,
  7680,
]
const firstTokenBounds = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
]
const perTokenBounds = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80]
