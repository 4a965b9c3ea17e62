import { expect, test } from 'vitest'

import type { Sample } from '../../../src/bench/gateway/bench-rig.ts'
import { summarise } from '../../../src/bench/gateway/summarise.ts'

interface Facts {
  readonly p50: number
  readonly requests?: number
  readonly cpuUs?: number
  readonly events?: number
  readonly failures?: number
}

function sample({ p50, requests = 100, cpuUs, events = 0, failures = 0 }: Facts): Sample {
  const times = { p50, p90: p50, p99: p50 * 10, max: p50 * 20 }
  const load = { requests, failures, events, elapsedMs: 1000, totalMs: times, firstByteMs: times }
  return cpuUs === undefined ? { load } : { load, cpuUs, systemUs: cpuUs / 4, rssBytes: 1e6 }
}

test('what is added is compared within a round, so that a slow round hits both sides', () => {
  const rounds = [1, 5, 9].map((slow) => ({
    direct: sample({ p50: slow }),
    floor: sample({ p50: slow + 2, cpuUs: 5000 }),
    llmr: sample({ p50: slow + 3, cpuUs: 8000 }),
  }))
  const { targets } = summarise({ name: 'x' }, rounds)
  expect(targets.floor.added?.p50_ms).toBe(2)
  expect(targets.llmr.added?.p50_ms).toBe(3)
  expect(targets.llmr.p50_ms).toBe(8)
  expect(targets.direct.added).toBeUndefined()
})

test('CPU is divided by what it was used for, and told as a multiple of the floor', () => {
  const round = {
    direct: sample({ p50: 1 }),
    floor: sample({ p50: 1, requests: 100, cpuUs: 5000, events: 20_000 }),
    llmr: sample({ p50: 1, requests: 50, cpuUs: 5000, events: 10_000 }),
  }
  const { targets, cpu_times_floor } = summarise({ name: 'x' }, [round])
  expect(targets.floor.cpu_us_per_request).toBe(50)
  expect(targets.llmr.cpu_us_per_request).toBe(100)
  expect(targets.llmr.system_us_per_request).toBe(25)
  expect(targets.llmr.cpu_us_per_event).toBe(0.5)
  expect(cpu_times_floor).toBe(2)
})

test('one odd round of three does not move the figures', () => {
  const usual = {
    direct: sample({ p50: 1 }),
    floor: sample({ p50: 2, cpuUs: 100 }),
    llmr: sample({ p50: 3, cpuUs: 200 }),
  }
  const odd = { ...usual, llmr: sample({ p50: 500, cpuUs: 90_000, requests: 1, failures: 7 }) }
  const { targets, cpu_times_floor } = summarise({ name: 'x' }, [usual, odd, usual])
  expect(targets.llmr).toMatchObject({ p50_ms: 3, cpu_us_per_request: 2, requests_per_second: 100 })
  expect(cpu_times_floor).toBe(2)
  expect(targets.llmr.failures).toBe(7)
})

test('replies that were no streams have no cost per event', () => {
  const round = { direct: sample({ p50: 1 }), floor: sample({ p50: 1, cpuUs: 1 }), llmr: sample({ p50: 1, cpuUs: 1 }) }
  expect(summarise({ name: 'x' }, [round]).targets.llmr).not.toHaveProperty('cpu_us_per_event')
})
