import { expect, test } from 'vitest'

import { formatProbe } from '../../../src/backends/probe/format-probe.ts'
import type { ProbeCheck, ProbeReport } from '../../../src/backends/probe/probe-report.ts'

const report = (checks: readonly ProbeCheck[]): ProbeReport => ({
  name: 'gpu-box',
  url: 'http://gpu-box:8080',
  trust: 'lan',
  kind: 'llama.cpp',
  version: 'b1',
  slots: 2,
  verdict: 'findings',
  checks,
  models: [],
})

test('a block names the backend, and its lines stand in columns', () => {
  const text = formatProbe([
    report([
      { step: 'reach', outcome: 'passed', detail: 'answered' },
      { step: 'embedding', model: 'tiny', outcome: 'failed', detail: 'no numbers' },
      { step: 'context', model: 'a-longer-name', outcome: 'finding', detail: '2048 tokens' },
    ]),
  ])
  expect(text).toBe(
    [
      'gpu-box  http://gpu-box:8080  llama.cpp b1  2 slots',
      '  ok       reach                     answered',
      '  FAILED   embedding  tiny           no numbers',
      '  note     context    a-longer-name  2048 tokens',
    ].join('\n'),
  )
})

test('many models left out for one reason take one line, a few are named', () => {
  const skipped = (count: number): ProbeCheck[] =>
    Array.from({ length: count }, (_, index) => ({
      step: 'chat',
      model: `m${index}`,
      outcome: 'skipped',
      detail: 'not loaded',
    }))
  expect(formatProbe([report(skipped(3))]).split('\n')).toHaveLength(4)
  expect(
    formatProbe([report(skipped(40))])
      .split('\n')
      .slice(1),
  ).toEqual(['  skipped  chat       40 models  not loaded'])
})
