import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BenchCase } from './bench-cases.ts'
import { startBenchRig } from './bench-rig.ts'
import type { BenchRig, Target } from './bench-rig.ts'
import { stageCosts } from './stage-costs.ts'
import { unbundleProfile } from './unbundle-profile.ts'

export interface StageSummary {
  readonly case: string
  /** Being sampled makes a request dearer than in the other figures. */
  readonly cpu_us_per_request: { readonly floor: number; readonly llmr: number }
  readonly stages: readonly { readonly stage: string; readonly floor_us: number; readonly llmr_us: number }[]
}

type Load = Pick<BenchCase, 'name' | 'model' | 'requestBytes'>

const loads: readonly Load[] = [
  { name: 'json-1k-c32', model: 'bench-json', requestBytes: 1000 },
  { name: 'burst-1k-c32', model: 'bench-burst', requestBytes: 1000 },
]

/** Where the CPU time of llmr and of the floor goes, from V8's own profiler, in fresh processes for each kind of load. */
export async function measureStages({ durationMs }: { readonly durationMs: number }): Promise<readonly StageSummary[]> {
  const summaries: StageSummary[] = []
  for (const load of loads) summaries.push(await measureStage(load, durationMs))
  return summaries
}

async function measureStage(load: Load, durationMs: number): Promise<StageSummary> {
  const folder = mkdtempSync(join(tmpdir(), 'llmr-profile-'))
  try {
    const { floor, llmr } = await runProfiled(folder, load, durationMs)
    const floorCosts = costsOf(folder, 'floor', floor)
    const llmrCosts = costsOf(folder, 'llmr', llmr)
    return {
      case: load.name,
      cpu_us_per_request: { floor: floor.cpuUsPerRequest, llmr: llmr.cpuUsPerRequest },
      stages: Array.from(new Set([...llmrCosts.keys(), ...floorCosts.keys()]), (stage) => ({
        stage,
        floor_us: floorCosts.get(stage) ?? 0,
        llmr_us: llmrCosts.get(stage) ?? 0,
      })),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The part of a profile in which there was load. */
interface ProfiledWindow {
  readonly fromUs: number
  readonly toUs: number
  readonly cpuUsPerRequest: number
}

/** Profiles are written when the processes end, so they can be read once this has resolved. */
async function runProfiled(
  folder: string,
  load: Load,
  durationMs: number,
): Promise<{ floor: ProfiledWindow; llmr: ProfiledWindow }> {
  const rig = await startBenchRig({ profileFolder: folder })
  try {
    return {
      floor: await profileWindow(rig, rig.target('floor'), load, durationMs),
      llmr: await profileWindow(rig, rig.target('llmr'), load, durationMs),
    }
  } finally {
    await rig.close()
  }
}

async function profileWindow(
  rig: BenchRig,
  target: Target,
  { model, requestBytes }: Load,
  durationMs: number,
): Promise<ProfiledWindow> {
  const load = (ms: number) => ({
    model,
    requestBytes,
    shape: { kind: 'closed', clients: 32, durationMs: ms } as const,
  })
  await rig.measure(target, load(warmUpMs))
  const fromUs = monotonicUs()
  const sample = await rig.measure(target, load(durationMs))
  return { fromUs, toUs: monotonicUs(), cpuUsPerRequest: (sample.cpuUs ?? Number.NaN) / sample.load.requests }
}

/** The clock of V8's profiles, the same in every process of the machine. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function costsOf(folder: string, target: 'floor' | 'llmr', window: ProfiledWindow): ReadonlyMap<string, number> {
  const profiles = join(folder, target)
  const [file] = readdirSync(profiles).filter((entry) => entry.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`${target} wrote no CPU profile: it did not end by itself.`)
  const costs = stageCosts(unbundleProfile(JSON.parse(readFileSync(join(profiles, file), 'utf8'))), window)
  return new Map(
    costs.filter(({ share }) => share >= shareMin).map(({ stage, share }) => [stage, share * window.cpuUsPerRequest]),
  )
}

const warmUpMs = 1000
const shareMin = 0.005
