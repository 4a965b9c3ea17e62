import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { replayed, rowsOf } from './replayed.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/traces')
const recorded = join(import.meta.dirname, '../../../../shared/traces')

/**
 * Mean wait in seconds of the policy's first implementation, an independent simulator of host and policy, at the host's
 * defaults. The recorded workloads are not shipped.
 */
const references = [
  { trace: 'micro-abc', meanWaitS: 12.448, sizesGb: [16], slots: 4 },
  { trace: 'micro-hog', meanWaitS: 2.838, sizesGb: [16], slots: 4, maxWaitMs: 60_000 },
  { trace: 'azure23-2svc', meanWaitS: 6.368, sizesGb: [18, 15], slots: 8, speed: 0.5 },
  {
    trace: 'mooncake-8m',
    meanWaitS: 6.671,
    sizesGb: [20, 18, 12, 8, 24, 10, 16, 6],
    slots: 8,
    speed: 0.33,
    host: { vramBytes: 48e9, ramBytes: 96e9 },
  },
  { trace: 'gentd26-dec', meanWaitS: 19.276, sizesGb: [12, 8, 16, 6, 20, 10, 5, 14], slots: 4 },
]

for (const { trace, meanWaitS, maxWaitMs = 120_000, speed = 1, ...workload } of references) {
  const file = [fixtures, recorded].map((folder) => join(folder, `${trace}.jsonl`)).find((path) => existsSync(path))
  test.skipIf(file === undefined)(`${trace}: the mean wait is within 5 % of the reference simulator's`, () => {
    const { figures, served } = replayed(
      { ...workload, rows: rowsOf(readFileSync(file!, 'utf8'), speed) },
      { maxWaitMs },
    )
    expect(figures.wait.meanMs / 1000 / meanWaitS).toBeGreaterThan(0.95)
    expect(figures.wait.meanMs / 1000 / meanWaitS).toBeLessThan(1.05)
    expect(served).toHaveLength(figures.requests)
  })
}

test('micro-hog: nobody waits longer than max_wait and ten seconds (N2.9)', () => {
  const rows = rowsOf(readFileSync(join(fixtures, 'micro-hog.jsonl'), 'utf8'))
  for (const maxWaitMs of [15_000, 30_000, 60_000, 120_000]) {
    expect(replayed({ rows }, { maxWaitMs }).figures.wait.maxMs).toBeLessThan(maxWaitMs + 10_000)
  }
})
