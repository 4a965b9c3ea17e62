import { expect, test } from 'vitest'

import type { MeasuredSwap } from '../../../src/bench/swaps/measure-swaps.ts'
import { summariseSwaps } from '../../../src/bench/swaps/summarise-swaps.ts'
import { phasesOf } from '../../../src/bench/swaps/swap-phases.ts'

function swap(facts: Partial<MeasuredSwap> & { loadMs: number; answersAtMs?: number }): MeasuredSwap {
  const { loadMs, answersAtMs = 100, ...rest } = facts
  const phases = phasesOf({
    askedMs: 0,
    victim: { draining: 1, signalled: 1, exited: 51, freed: 51 },
    target: { spawned: 60, answering: answersAtMs, loaded: answersAtMs + loadMs, ready: answersAtMs + loadMs },
    witness: {},
    firstTokenMs: answersAtMs + loadMs + 20,
  })
  return { from: 'a', to: 'b', wanted: 'cold', bytes: 1e9, phases, ...rest }
}

test('swaps to one model from one place are one row: medians, the least and the most', () => {
  const [row, ...others] = summariseSwaps([swap({ loadMs: 400 }), swap({ loadMs: 900 }), swap({ loadMs: 500 })])
  expect(others).toEqual([])
  expect(row).toMatchObject({ model: 'b', wanted: 'cold', swaps: 3, total_ms: { median: 620, min: 520, max: 1020 } })
  expect(row?.phases_ms.load).toBe(500)
  expect(row?.load_ms).toBe(549)
})

test('warm and cold swaps, and swaps to other models, are rows of their own', () => {
  const rows = summariseSwaps([swap({ loadMs: 1 }), swap({ loadMs: 1, wanted: 'warm' }), swap({ loadMs: 1, to: 'a' })])
  expect(rows.map(({ model, wanted }) => `${model} ${wanted}`)).toEqual(['b cold', 'b warm', 'a cold'])
})

test('the rate of a load is the size of the files by the time of loading', () => {
  expect(summariseSwaps([swap({ loadMs: 500 })])[0]?.load_rate).toBe(2e9)
})

test('an engine that opens its port only when it has loaded is rated by its whole start', () => {
  expect(summariseSwaps([swap({ loadMs: 0, answersAtMs: 1060 })])[0]?.load_rate).toBe(1e9)
})

test('a model without files has no rate', () => {
  expect(summariseSwaps([swap({ loadMs: 500, bytes: 0 })])[0]).not.toHaveProperty('load_rate')
})
