import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { policies, replayed, rowsOf } from './replayed.ts'

const root = join(import.meta.dirname, '../../..')
const page = readFileSync(join(root, 'docs/swapping.md'), 'utf8')

/** Cells of the rows that begin with this name: the table of means, then that of the longest waits. */
function documentedRows(trace: string): readonly (readonly string[])[] {
  const lines = page.split('\n').filter((line) => line.startsWith(`| ${trace} `))
  return lines.map((line) => line.split('|').map((cell) => cell.trim().replaceAll('*', '')))
}

test.each(['micro-abc', 'micro-hog'])('the page gives the waits of %s as they are', (trace) => {
  const rows = rowsOf(readFileSync(join(root, `test/fixtures/traces/${trace}.jsonl`), 'utf8'))
  const [ripe, fifo] = [policies.ripe, policies.fifo].map((policy) => replayed({ rows }, { policy, maxWaitMs: 60_000 }))
  const waits = [ripe!.figures.wait, fifo!.figures.wait]
  const [means, longest] = documentedRows(trace)
  expect(means?.slice(3, 5)).toEqual(waits.map(({ meanMs }) => (meanMs / 1000).toFixed(1)))
  expect(longest?.slice(2, 4)).toEqual(waits.map(({ maxMs }) => (maxMs / 1000).toFixed(1)))
})
