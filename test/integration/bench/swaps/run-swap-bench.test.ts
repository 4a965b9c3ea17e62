import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { formatSwaps } from '../../../../src/bench/swaps/format-swaps.ts'
import type { MeasuredSwap } from '../../../../src/bench/swaps/measure-swaps.ts'
import { runSwapBench } from '../../../../src/bench/swaps/run-swap-bench.ts'
import { totalMs } from '../../../../src/bench/swaps/swap-phases.ts'
import { formatMarkdownTable } from '../../../../src/cli/markdown-table.ts'
import { formatTable } from '../../../../src/cli/table.ts'
import { readSwapCosts } from '../../../../src/gateway/fleet/swap-costs.ts'
import { residencyOf, simulatedModel } from '../../../support/simulated-profile.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** Simulated engines that take a moment to load, with a file each, so that there is something to be warm or cold. */
function models(loadTime = '150ms') {
  const folder = temporaryFolder()
  return ['a', 'b'].map((name) => {
    const file = join(folder, `${name}.gguf`)
    writeFileSync(file, Buffer.alloc(1_000_000, name))
    const model = simulatedModel(name, { args: ['--load-time', loadTime, '--time-scale', '1'] })
    const planFor = (port: number) => ({
      ...model.launch.planFor(port),
      weights: { files: [file], isDirectIo: false },
    })
    return { ...model, launch: { ...model.launch, planFor } }
  })
}

test('swaps through a whole gateway are taken apart, and their costs kept for the scheduler', async () => {
  const dataDirectory = temporaryFolder()
  const swaps: MeasuredSwap[] = []
  const report = await runSwapBench({
    plan: residencyOf(models(), 2),
    models: [],
    repeats: 1,
    temperatures: ['warm'],
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    watcher: { begin: () => undefined, measured: (swap) => void swaps.push(swap) },
    dataDirectory,
  })
  expect(swaps.map(({ from, to }) => `${from} ${to}`)).toEqual(['b a', 'a b'])
  for (const { phases, cachedShare } of swaps) {
    expect(cachedShare).toBe(1)
    // The engine's own 150 ms of loading, less what of it passed before its port was seen to answer.
    expect(phases.spawn + phases.load).toBeGreaterThan(150)
    expect(phases.stop).toBeGreaterThan(0)
    expect(totalMs(phases)).toBeGreaterThan(phases.spawn + phases.load + phases.stop)
  }
  expect(report.swaps.map(({ model }) => model)).toEqual(['a', 'b'])
  expect((await readSwapCosts(dataDirectory)).size).toBe(2)
  expect(formatSwaps(report, formatTable)).toContain("Where llmr's own time goes")
  expect(formatSwaps(report, formatMarkdownTable)).toMatch(/\| a \| 100 % \| 1 \|/)
})

test('a bench that is interrupted ends what it has started and says so', async () => {
  const interruption = new AbortController()
  const bench = runSwapBench({
    plan: residencyOf(models('60s'), 2),
    models: [],
    repeats: 1,
    temperatures: ['warm'],
    timeoutMs: 60_000,
    signal: interruption.signal,
    watcher: { begin: () => undefined, measured: () => undefined },
    dataDirectory: temporaryFolder(),
  })
  const outcome = bench.catch((error: unknown) => error)
  setImmediate(() => interruption.abort())
  expect(await outcome).toMatchObject({ code: 'shutting_down' })
})
