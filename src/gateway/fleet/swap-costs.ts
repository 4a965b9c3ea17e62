import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { at, listAt, numberAt, textAt } from '../../core/foreign-json.ts'
import type { ModelLaunch } from '../../lifecycle/launch-plan.ts'
import { cachedShare } from '../../lifecycle/page-cache/cached-share.ts'
import type { SchedulerModel } from '../../scheduling/scheduler-model.ts'
import type { ResidencyPlan } from './residency-plan.ts'

/** What a bench has measured of one model; times in milliseconds. */
export interface SwapCost {
  readonly coldLoadMs?: number
  readonly warmLoadMs?: number
  readonly stopMs: number
}

export interface MeasuredLaunch extends SwapCost {
  readonly launch: ModelLaunch
}

const fileName = 'swap-costs.json'

/** Profiles come and go, and the file with them: the oldest are dropped. */
const costsMax = 500

/**
 * Keeps measured costs in the data folder, by launch command: another quantisation or context is another cost, another
 * name for the same is not. Replaces what was known of the same commands.
 */
export async function keepSwapCosts(dataDirectory: string, measured: readonly MeasuredLaunch[]): Promise<void> {
  const costs = new Map(await readSwapCosts(dataDirectory))
  for (const { launch, ...cost } of measured) {
    const key = launchKey(launch)
    costs.delete(key)
    costs.set(key, cost)
  }
  const kept = [...costs].slice(-costsMax).map(([launch, cost]) => ({
    launch,
    cold_load_ms: cost.coldLoadMs,
    warm_load_ms: cost.warmLoadMs,
    stop_ms: cost.stopMs,
  }))
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  const file = join(dataDirectory, fileName)
  // A gateway may be reading it: it sees the old one or the new one, and never half of it.
  await writeFile(`${file}.new`, JSON.stringify({ version: 1, costs: kept }, null, 2), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** By launch command; empty when nothing has been measured, or the file is not ours to understand. */
export async function readSwapCosts(dataDirectory: string): Promise<ReadonlyMap<string, SwapCost>> {
  try {
    const content: unknown = JSON.parse(await readFile(join(dataDirectory, fileName), 'utf8'))
    return new Map(at(content, 'version') === 1 ? listAt(content, 'costs').flatMap(parseCost) : [])
  } catch {
    return new Map() // absent or broken: times are guessed until they are measured
  }
}

/** The plan with times that were measured in place of those that are guessed. */
export async function expectMeasuredCosts(plan: ResidencyPlan, dataDirectory: string): Promise<ResidencyPlan> {
  const costs = await readSwapCosts(dataDirectory)
  if (costs.size === 0) return plan
  const launches = new Map(plan.models.map(({ name, launch }) => [name, launch]))
  const models = plan.scheduler.models.map(async (model) => {
    const launch = launches.get(model.name)
    const cost = launch && costs.get(launchKey(launch))
    if (launch === undefined || cost === undefined) return model
    return withCost(model, cost, await cachedShare(planOf(launch).weights.files))
  })
  return { ...plan, scheduler: { ...plan.scheduler, models: await Promise.all(models) } }
}

/** A load from the page cache, from the disk, or in between, as much as is cached; unknown counts as not cached. */
export function withCost(model: SchedulerModel, cost: SwapCost, share = 0): SchedulerModel {
  const { coldLoadMs = cost.warmLoadMs, warmLoadMs = cost.coldLoadMs, stopMs } = cost
  const loadMs =
    coldLoadMs === undefined || warmLoadMs === undefined
      ? model.expected.loadMs
      : coldLoadMs + (warmLoadMs - coldLoadMs) * share
  return { ...model, expected: { ...model.expected, loadMs, warmLoadMs, stopMs } }
}

function launchKey(launch: ModelLaunch): string {
  return createHash('sha256')
    .update(JSON.stringify(planOf(launch).argv))
    .digest('hex')
    .slice(0, 32)
}

/** For a port of its own, or for the one that stands for any. */
function planOf(launch: ModelLaunch) {
  return launch.planFor(launch.port ?? 0)
}

function parseCost(entry: unknown): [string, SwapCost][] {
  const launch = textAt(entry, 'launch')
  const stopMs = numberAt(entry, 'stop_ms')
  if (launch === undefined || stopMs === undefined) return []
  return [
    [launch, { stopMs, coldLoadMs: numberAt(entry, 'cold_load_ms'), warmLoadMs: numberAt(entry, 'warm_load_ms') }],
  ]
}
