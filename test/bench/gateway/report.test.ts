import { expect, test } from 'vitest'

import { formatReport } from '../../../src/bench/gateway/report.ts'
import { formatTable } from '../../../src/cli/table.ts'

test('each case has a line for each target, with the multiple of the floor beside llmr', () => {
  const plain = { requests_per_second: 1000, p50_ms: 1, p99_ms: 2, first_byte_p50_ms: 1, failures: 0 }
  const added = { p50_ms: 0.5, p99_ms: 1, first_byte_p50_ms: 0.5 }
  const text = formatReport(
    {
      node: 'v24.0.0',
      cpu: 'Some CPU',
      cores: 2,
      duration_ms: 500,
      cases: [
        {
          name: 'json-1k-c1',
          rounds: 3,
          cpu_times_floor: 1.5,
          targets: {
            direct: plain,
            floor: { ...plain, added, cpu_us_per_request: 50, system_us_per_request: 20, rss_bytes: 100 * 1024 ** 2 },
            llmr: {
              ...plain,
              added,
              cpu_us_per_request: 75,
              system_us_per_request: 30,
              rss_bytes: 200 * 1024 ** 2,
              failures: 2,
            },
          },
        },
      ],
      memory: [],
      stages: [],
      translation: [],
    },
    formatTable,
  )
  const cells = text.split('\n').map((line) => line.split(/ {2,}/).filter((cell) => cell !== ''))
  expect(cells).toContainEqual(['json-1k-c1', 'direct', '1000', '1.00', '2.00', '1.00'])
  expect(cells).toContainEqual(['floor', '1000', '1.00', '2.00', '0.50', '1.00', '1.00', '0.50', '50', '20', '100'])
  expect(cells).toContainEqual([
    'llmr (2 failed)',
    '1000',
    '1.00',
    '2.00',
    '0.50',
    '1.00',
    '1.00',
    '0.50',
    '75',
    '30',
    '1.50',
    '200',
  ])
})
