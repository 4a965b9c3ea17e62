import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { createMetrics } from '../../src/telemetry/metrics.ts'
import { exposedMetrics } from '../support/exposed-metrics.ts'
import { parseExposition } from '../support/parse-exposition.ts'
import { requestRecord } from '../support/request-record.ts'

function someMetrics(models: readonly string[] = ['qwen3-8b']) {
  const known = new Set(models)
  const metrics = createMetrics({ version: '1.2.3', commit: 'abc', knownModels: () => known })
  const samples = async () => parseExposition(await metrics.text())
  return {
    metrics,
    known,
    samples,
    /** The value of the series that has at least these labels; undefined when there is none. */
    value: async (name: string, labels: Readonly<Record<string, string>> = {}) =>
      (await samples()).find(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      )?.value,
  }
}

test('a finished request counts under its route, model, backend, status class and form', async () => {
  const { metrics, samples } = someMetrics()
  metrics.requestFinished(requestRecord())
  metrics.requestFinished(requestRecord())
  metrics.requestFinished(requestRecord({ status: 503, isStream: false }))
  expect((await samples()).filter(({ name }) => name === 'llmr_requests_total')).toEqual([
    {
      name: 'llmr_requests_total',
      labels: { route: 'chat', model: 'qwen3-8b', backend: 'box', status_class: '2xx', stream: 'true' },
      value: 2,
    },
    {
      name: 'llmr_requests_total',
      labels: { route: 'chat', model: 'qwen3-8b', backend: 'box', status_class: '5xx', stream: 'false' },
      value: 1,
    },
  ])
})

test('times are seconds: the whole request, the first token, and each token after it', async () => {
  const { metrics, value } = someMetrics()
  metrics.requestFinished(requestRecord({ durationMs: 1100, timeToFirstByteMs: 100, completionTokens: 11 }))
  expect(await value('llmr_request_duration_seconds_sum', { route: 'chat' })).toBeCloseTo(1.1)
  expect(await value('llmr_time_to_first_token_seconds_sum', { backend: 'box' })).toBeCloseTo(0.1)
  expect(await value('llmr_time_per_output_token_seconds_sum', { backend: 'box' })).toBeCloseTo(0.1)
})

test('a reply that was no stream, or that failed, says nothing about tokens in time', async () => {
  const { metrics, value } = someMetrics()
  metrics.requestFinished(requestRecord({ isStream: false }))
  metrics.requestFinished(requestRecord({ status: 502 }))
  metrics.requestFinished(requestRecord({ completionTokens: 1 }))
  expect(await value('llmr_time_to_first_token_seconds_count')).toBe(1)
  expect(await value('llmr_time_per_output_token_seconds_count')).toBe(0)
})

test('tokens count by direction, those from the cache a second time apart', async () => {
  const { metrics, value } = someMetrics()
  metrics.requestFinished(requestRecord({ promptTokens: 100, cachedTokens: 80, completionTokens: 7 }))
  expect(await value('llmr_tokens_total', { direction: 'prompt' })).toBe(100)
  expect(await value('llmr_tokens_total', { direction: 'completion' })).toBe(7)
  expect(await value('llmr_cached_prompt_tokens_total')).toBe(80)
})

test('requests in flight, aborts, background requests and failures of backends are counted', async () => {
  const { metrics, value } = someMetrics()
  metrics.requestStarted()
  metrics.requestStarted()
  metrics.requestFinished(requestRecord({ isClientGone: true, backgroundTask: 'title_generation' }))
  metrics.backendFailed({ backend: 'box', model: 'm', cause: 'refused' })
  expect(await value('llmr_inflight_requests')).toBe(1)
  expect(await value('llmr_client_aborts_total')).toBe(1)
  expect(await value('llmr_background_requests_total', { kind: 'title_generation' })).toBe(1)
  expect(await value('llmr_backend_failures_total', { backend: 'box', cause: 'refused' })).toBe(1)
})

test('the state of the backends is read at the moment of asking', async () => {
  const { metrics, value } = someMetrics()
  let isUp = true
  metrics.setFleet(() => ({
    backends: [{ name: 'box', isUp, inflight: 3, breakers: [{ model: 'm', isOpen: !isUp }] }],
  }))
  expect(await value('llmr_backend_up', { backend: 'box' })).toBe(1)
  isUp = false
  expect(await value('llmr_backend_up', { backend: 'box' })).toBe(0)
  expect(await value('llmr_breaker_open', { backend: 'box', model: 'm' })).toBe(1)
  expect(await value('llmr_backend_inflight', { backend: 'box' })).toBe(3)
})

test('the build and the process are told, the latter under the usual names', async () => {
  const { value } = someMetrics()
  expect(await value('llmr_build_info', { version: '1.2.3', commit: 'abc' })).toBe(1)
  expect(await value('process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(await value('nodejs_eventloop_lag_p99_seconds')).toBeDefined()
})

describe('what clients invent makes no series', () => {
  test('10,000 invented models, tasks and principals make at most 500 series more', async () => {
    const { metrics, samples, value } = someMetrics()
    metrics.requestFinished(requestRecord())
    const before = (await samples()).length
    for (let index = 0; index < 10_000; index += 1) {
      const invented = `invented-${index}`
      const { model: _model, backend: _backend, ...refused } = requestRecord()
      metrics.requestFinished({ ...refused, requestedModel: invented, principal: invented, status: 404 })
      metrics.requestFinished(requestRecord({ model: invented, backgroundTask: invented }))
    }
    expect((await samples()).length - before).toBeLessThanOrEqual(500)
    expect(await value('llmr_requests_total', { model: 'other', status_class: '4xx' })).toBe(10_000)
    expect(await value('llmr_background_requests_total', { kind: 'other' })).toBe(10_000 - 50)
  })

  test('even names that count as known for a while are bounded, and nothing is lost', async () => {
    const { metrics, samples, known } = someMetrics()
    for (let index = 0; index < 2100; index += 1) {
      known.add(`m-${index}`)
      metrics.requestFinished(requestRecord({ model: `m-${index}` }))
    }
    const counted = (await samples()).filter(({ name }) => name === 'llmr_requests_total')
    expect(counted.length).toBeLessThanOrEqual(2001)
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(2100)
  })

  test('a model that becomes known is counted by its name from then on', async () => {
    const { metrics, known, value } = someMetrics([])
    metrics.requestFinished(requestRecord())
    known.add('qwen3-8b')
    metrics.requestFinished(requestRecord())
    expect(await value('llmr_requests_total', { model: 'other' })).toBe(1)
    expect(await value('llmr_requests_total', { model: 'qwen3-8b' })).toBe(1)
  })
})

test('docs/metrics.md describes every metric of a gateway and of a worker with its labels, and no other', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const documented = Array.from(page.matchAll(/^\| `(llmr_\w+)(?:\{([\w,]*)\})?`\s+\|/gm), ([, name, labels]) => [
    name,
    labels?.split(',') ?? [],
  ])
  const exposed = Array.from(await exposedMetrics()).filter(([name]) => name.startsWith('llmr_'))
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(exposed))
})

test('the phases of swaps are counted by phase and model, in seconds', async () => {
  const { metrics, value } = someMetrics()
  metrics.swapPhaseEnded({ model: 'coder', phase: 'load', durationMs: 2400 })
  metrics.swapPhaseEnded({ model: 'coder', phase: 'load', durationMs: 600 })
  metrics.swapPhaseEnded({ model: 'coder', phase: 'stop', durationMs: 30 })
  expect(await value('llmr_swap_seconds_sum', { phase: 'load', model: 'coder' })).toBe(3)
  expect(await value('llmr_swap_seconds_count', { phase: 'load' })).toBe(2)
  expect(await value('llmr_swap_seconds_bucket', { phase: 'load', le: '1' })).toBe(1)
  expect(await value('llmr_swap_seconds_count', { phase: 'stop' })).toBe(1)
})
