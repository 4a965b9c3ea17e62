import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ManagedModel, ResidencyPlan } from '../../gateway/fleet/residency-plan.ts'
import { keepSwapCosts } from '../../gateway/fleet/swap-costs.ts'
import type { MeasuredLaunch } from '../../gateway/fleet/swap-costs.ts'
import { median } from '../gateway/quantiles.ts'
import { planForSwaps } from './choose-models.ts'
import { measureSwaps } from './measure-swaps.ts'
import type { MeasuredSwap, Temperature } from './measure-swaps.ts'
import { measureCeiling, sizeFiles } from './model-files.ts'
import type { ModelFiles, ReadCeiling } from './model-files.ts'
import { summariseSwaps } from './summarise-swaps.ts'
import type { SwapSummary } from './summarise-swaps.ts'

export interface SwapBenchOptions {
  readonly plan: ResidencyPlan | undefined
  /** All of the plan when empty. */
  readonly models: readonly string[]
  readonly repeats: number
  readonly temperatures: readonly Temperature[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly watcher: SwapWatcher
  /** That of the operator, of which the plan was made: costs are kept there for the scheduler's next start. */
  readonly dataDirectory: string
}

/** Told how it goes. */
export interface SwapWatcher {
  begin(swap: { readonly from: string; readonly to: string; readonly wanted: Temperature; readonly of: number }): void
  measured(swap: MeasuredSwap): void
}

export interface SwapBenchReport {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** How fast this machine reads the largest of the models, in bytes a second. */
  readonly ceiling: { readonly disk_rate?: number; readonly cache_rate?: number }
  readonly swaps: readonly SwapSummary[]
}

/**
 * Takes swaps apart: which of the time from a request to its first token is the engine's, and which is llmr's own. A whole
 * gateway with the operator's own profiles does the swapping; who measures stands beside it.
 *
 * @throws LlmrError when there are fewer than two models, or it was interrupted; Error when a model does not answer
 */
export async function runSwapBench(options: SwapBenchOptions): Promise<SwapBenchReport> {
  const { repeats, temperatures, timeoutMs, dataDirectory, signal, watcher } = options
  const plan = planForSwaps(options.plan, options.models)
  const original = options.plan?.models ?? []
  const files = await filesOf(original)
  const of = repeats * temperatures.length * plan.models.length
  const ceiling = await measureCeiling(largest(plan.models.flatMap(({ name }) => files.get(name) ?? [])), signal)
  const swaps = await inFolder((folder) =>
    measureSwaps({
      plan,
      files,
      folder,
      dataDirectory,
      repeats,
      temperatures,
      timeoutMs,
      signal,
      onBegin: (swap) => watcher.begin({ ...swap, of }),
      onSwap: (swap) => watcher.measured(swap),
    }),
  )
  const summaries = summariseSwaps(swaps)
  await keepSwapCosts(dataDirectory, costsOf(original, swaps, summaries))
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    ...rates(ceiling),
    swaps: summaries,
  }
}

async function filesOf(models: readonly ManagedModel[]): Promise<ReadonlyMap<string, ModelFiles>> {
  const sized = models.map(async ({ name, launch }) => {
    const { files } = launch.planFor(launch.port ?? 0).weights
    return [name, await sizeFiles(files)] as const
  })
  return new Map(await Promise.all(sized))
}

function largest(models: readonly ModelFiles[]): ModelFiles {
  return models.reduce((most, model) => (model.bytes > most.bytes ? model : most), { files: [], bytes: 0 })
}

function rates({ diskRate, cacheRate }: ReadCeiling): Pick<SwapBenchReport, 'ceiling'> {
  return {
    ceiling: {
      ...(diskRate !== undefined && { disk_rate: diskRate }),
      ...(cacheRate !== undefined && { cache_rate: cacheRate }),
    },
  }
}

/** A load is the cost of the model that comes, a stop of the one that goes. */
function costsOf(
  models: readonly ManagedModel[],
  swaps: readonly MeasuredSwap[],
  summaries: readonly SwapSummary[],
): readonly MeasuredLaunch[] {
  return models.flatMap(({ name, launch }) => {
    const stops = swaps.filter(({ from }) => from === name).map(({ phases }) => phases)
    if (stops.length === 0) return []
    const loadOf = (wanted: Temperature): number | undefined =>
      summaries.find((summary) => summary.model === name && summary.wanted === wanted)?.load_ms
    const stopMs = median(stops.map(({ prepare, stop, memory }) => prepare + stop + memory))
    return { launch, coldLoadMs: loadOf('cold'), warmLoadMs: loadOf('warm'), stopMs }
  })
}

/** For the log, which is nobody's business afterwards. */
async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'llmr-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
