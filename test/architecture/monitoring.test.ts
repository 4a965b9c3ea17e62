import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { exposedMetrics } from '../support/exposed-metrics.ts'

/** What deploy/monitoring says, held against what a gateway and its workers show. */

const root = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

const rules = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string(),
            expr: z.string(),
            for: z.string().optional(),
            labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
            annotations: z.strictObject({ summary: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(read('deploy/monitoring/alerts.yml')))
  .groups.flatMap((group) => group.rules)

const dashboard = z
  .object({
    uid: z.literal('llmr'),
    templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        datasource: z.object({ uid: z.literal('${datasource}') }).optional(),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
      }),
    ),
  })
  .parse(JSON.parse(read('deploy/monitoring/grafana-dashboard.json')))

const shown = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...shown.map(({ title, expr }) => [title, expr] as const),
]
/** Of Prometheus' own, not of what it reads. */
const added = ['job', 'instance']

describe('every expression', async () => {
  const exposed = await exposedMetrics()

  test.each(expressions)('%s asks for metrics that exist, by labels that they have', (_, expr) => {
    const asked = metricsIn(expr)
    expect(asked.length).toBeGreaterThan(0)
    const unknown = asked.filter(({ name }) => name !== 'up' && !exposed.has(nameOf(name)))
    expect(unknown).toEqual([])
    for (const { name, labels } of asked)
      expect([...added, ...(exposed.get(nameOf(name)) ?? [])]).toEqual(expect.arrayContaining([...labels]))
    const known = [...added, 'le', ...asked.flatMap(({ name }) => exposed.get(nameOf(name)) ?? [])]
    expect(known).toEqual(expect.arrayContaining([...groupsIn(expr)]))
  })

  test('a metric that nobody shows is noticed', () => {
    expect(metricsIn('rate(llmr_no_such_total{worker="x"}[5m])')).toEqual([
      { name: 'llmr_no_such_total', labels: ['worker'] },
    ])
    expect(exposed.has('llmr_no_such_total')).toBe(false)
    expect(exposed.has('llmr_worker_up')).toBe(true)
  })
})

test('what a line of a graph is called is a label that its expression keeps', () => {
  const lost = shown.flatMap(({ title, expr, legendFormat }) =>
    Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, label = '']) => label)
      .filter((label) => /\bby \(/.test(expr) && !groupsIn(expr).includes(label))
      .map((label) => `${title}: ${label}`),
  )
  expect(lost).toEqual([])
})

test('an alert says of what it speaks by labels that its expression keeps', () => {
  const lost = rules.flatMap(({ alert, expr, annotations }) =>
    Array.from(annotations.summary.matchAll(/\$labels\.(\w+)/g), ([, label = '']) => label)
      .filter((label) => /\bby \(/.test(expr) && !groupsIn(expr).includes(label))
      .map((label) => `${alert}: ${label}`),
  )
  expect(lost).toEqual([])
})

test('every alert has its paragraph, and every paragraph its alert', () => {
  const headings = Array.from(read('docs/monitoring.md').matchAll(/^### (\w+)$/gm), ([, name]) => name)
  expect(headings).toEqual(rules.map(({ alert }) => alert))
})

test('panels have ids of their own, and variables that are there', () => {
  const ids = dashboard.panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const variables = new Set(['datasource', '__rate_interval', ...dashboard.templating.list.map(({ name }) => name)])
  const used = expressions.flatMap(([, expr]) => Array.from(expr.matchAll(/\$(\w+)/g), ([, name = '']) => name))
  expect(used.filter((name) => !variables.has(name))).toEqual([])
})

test('Prometheus asks the ports that the gateway and the workers of Compose show', () => {
  const jobs = z
    .object({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({ job_name: z.string(), static_configs: z.tuple([z.object({ targets: z.array(z.string()) })]) }),
      ),
    })
    .parse(parse(read('deploy/monitoring/prometheus.yml')))
  expect(jobs.rule_files).toEqual(['alerts.yml'])
  const targets = jobs.scrape_configs.map(({ job_name: job, static_configs: [{ targets: some }] }) => [job, some])
  const compose = z
    .object({ services: z.record(z.string(), z.object({ command: z.array(z.string()).optional() })) })
    .parse(parse(read('deploy/compose.workers.yaml'), { merge: true }))
  const workers = Object.entries(compose.services).flatMap(([name, { command }]) =>
    name.startsWith('worker-') ? [`${name}:${command?.at(-1)}`] : [],
  )
  expect(Object.fromEntries(targets)).toEqual({ llmr: ['llmr:8411'], 'llmr-workers': workers })
  const jobsAsked = expressions.flatMap(([, expr]) => Array.from(expr.matchAll(/job="([^"]+)"/g), ([, job]) => job))
  expect(targets.map(([job]) => job)).toEqual(expect.arrayContaining(jobsAsked))
})

/** Names of series and the labels by which each is chosen. */
function metricsIn(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return Array.from(
    expr.matchAll(/\b(llmr_\w+|process_\w+|nodejs_\w+|up)\b(?:\{([^}]*)\})?/g),
    ([, name = '', matchers = '']) => ({
      name,
      labels: Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
    }),
  )
}

/** Labels by which sums are told apart. */
function groupsIn(expr: string): readonly string[] {
  return Array.from(expr.matchAll(/\bby \(([^)]*)\)/g), ([, list = '']) => list.split(',')).flatMap((labels) =>
    labels.map((label) => label.trim()),
  )
}

/** A histogram's parts go by its name. */
function nameOf(series: string): string {
  return series.replace(/_(?:bucket|sum|count)$/, '')
}
