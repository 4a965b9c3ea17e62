/**
 * How long one event takes to handle with 1,000 requests waiting: `node test/bench/scheduling/decision-time.ts`. Figures
 * of a machine, not assertions.
 */
import { fifo } from '../../../src/scheduling/policies/fifo.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import { plainModel } from '../../../src/scheduling/scheduler-model.ts'
import { schedulerDefaults } from '../../../src/scheduling/scheduler-settings.ts'
import { createScheduler } from '../../../src/scheduling/scheduler.ts'

const queued = 1_000

/** Idle residents that are often asked for, and larger models that wait: sets of up to three victims are weighed for each. */
const houses = [
  { name: '4 residents, 20 models wait', waiting: 20, residents: 4 },
  { name: '10 residents, 50 models wait', waiting: 50, residents: 10 },
  { name: '16 residents, 50 models wait', waiting: 50, residents: 16 },
]

for (const policy of [ripe, fifo]) {
  for (const house of houses) {
    const times = measure(policy, house).sort((one, other) => one - other)
    const at = (share: number): string => `${(times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(3)} ms`
    console.log(`${policy.name}, ${house.name}, ${queued} waiting: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`)
  }
}

function measure(policy: typeof ripe, house: { readonly waiting: number; readonly residents: number }): number[] {
  const residents = Array.from({ length: house.residents }, (_, index) => `resident${index}`)
  const waiting = Array.from({ length: house.waiting }, (_, index) => `waiting${index}`)
  const scheduler = createScheduler({
    ...schedulerDefaults,
    policy,
    pools: { gpu: house.residents },
    models: [
      ...residents.map((name) => ({ ...plainModel, name, slots: 4, sizeBytes: { gpu: 1 } })),
      ...waiting.map((name) => ({ ...plainModel, name, slots: 4, sizeBytes: { gpu: 3 } })),
    ],
  })
  const arrive = (requestId: string, model: string, nowMs: number) =>
    scheduler.handle({
      type: 'arrive',
      requestId,
      model,
      lane: 'interactive',
      principal: `principal${requestId.length}`,
      weight: 1,
      deadlineMs: nowMs + 600_000,
      nowMs,
    })

  for (const name of residents) {
    for (let turn = 0; turn < 5; turn += 1) arrive(`${name}-${turn}`, name, 0)
    scheduler.handle({ type: 'loaded', model: name, loadMs: 10_000, nowMs: 0 })
    for (let turn = 0; turn < 5; turn += 1) {
      scheduler.handle({ type: 'finished', requestId: `${name}-${turn}`, nowMs: 5_000 })
    }
  }
  for (let index = 0; index < queued; index += 1) arrive(`q${index}`, waiting[index % waiting.length] ?? '', 5_000)

  // Time all but stands still, so that no swap becomes worth it and every event weighs all of them again.
  const times: number[] = []
  for (let turn = 0; turn < 1_000; turn += 1) {
    const begin = performance.now()
    scheduler.handle({ type: 'tick', nowMs: 5_000 + turn / 1_000 })
    times.push(performance.now() - begin)
  }
  return times.slice(200)
}
