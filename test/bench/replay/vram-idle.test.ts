import fc from 'fast-check'
import { expect, test } from 'vitest'

import { vramIdle } from '../../../src/bench/replay/vram-idle.ts'
import type { Load } from '../../../src/bench/replay/vram-idle.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { createScheduler } from '../../../src/scheduling/scheduler.ts'
import { replaySettings } from '../../../src/sim/swaps/replay-settings.ts'
import { replayTrace } from '../../../src/sim/swaps/replay-trace.ts'
import { request, workOf } from '../../sim/swaps/replayed.ts'

/** A replay in simulated time with the loads that its scheduler asked for. */
function replayWithLoads(arrivals: readonly { readonly seconds: number; readonly model: string }[]) {
  const rows = arrivals
    .toSorted((one, other) => one.seconds - other.seconds)
    .map(({ seconds, model }) => request(seconds, model))
  const work = workOf({ rows, sizesGb: [16, 9, 7] })
  const scheduler = createScheduler({
    ...replaySettings(work.models, work.host),
    policy: ripe,
    maxWaitMs: 60_000,
    classLimits: {},
  })
  const loads: Load[] = []
  const result = replayTrace(
    { ...work, timeoutMs: 1e12 },
    {
      handle: (event) => {
        if (event.type === 'loaded') {
          loads.push({ model: event.model, startedMs: event.nowMs - event.loadMs, readyMs: event.nowMs })
        }
        return scheduler.handle(event)
      },
    },
  )
  return { ...work, ...result, loads, vramBytes: work.host.vramBytes }
}

test('what a gateway is measured by is what a replay in simulated time is measured by', () => {
  const arrivals = fc.array(
    fc.record({ seconds: fc.integer({ min: 0, max: 120 }), model: fc.constantFrom('a', 'b', 'c') }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(arrivals, (list) => {
      const { loads, ...replay } = replayWithLoads(list)
      expect(vramIdle({ ...replay, loads })).toBeCloseTo(replay.idleWhileWaiting, 9)
    }),
    { numRuns: 60 },
  )
})

test('while nobody waits nothing is idle', () => {
  const served = [{ model: 'a', arrivedMs: 0, startedMs: 0, firstTokenMs: 1, endedMs: 10 }]
  expect(vramIdle({ served, loads: [], models: [], vramBytes: 1 })).toBe(0)
})
