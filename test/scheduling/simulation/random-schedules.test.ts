import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

import type { Seeds } from './check-schedules.ts'

/** More of them: `LLMR_SCHEDULES=100000 npx vitest run test/scheduling/simulation`. */
const count = Number(process.env['LLMR_SCHEDULES'] ?? 1_000)
const from = Number(process.env['LLMR_SCHEDULES_FROM'] ?? 1)

test(
  `no rule is broken in ${count} random schedules from seed ${from} on`,
  async () => {
    const found = await Promise.all(shares(availableParallelism()).map(checkInWorker))
    expect(found.find((problem) => problem !== undefined) ?? 'no rule is broken').toBe('no rule is broken')
  },
  Infinity,
)

/** The seeds in as many runs as there are cores. */
function shares(cores: number): readonly Seeds[] {
  const bounds = Array.from({ length: cores + 1 }, (_, index) => from + Math.floor((index * count) / cores))
  return bounds.slice(1).map((to, index) => ({ from: bounds[index] ?? from, to }))
}

async function checkInWorker(seeds: Seeds): Promise<string | undefined> {
  const worker = new Worker(new URL('schedule-worker.ts', import.meta.url), { workerData: seeds })
  const [problem] = await once(worker, 'message')
  await worker.terminate()
  return problem
}
