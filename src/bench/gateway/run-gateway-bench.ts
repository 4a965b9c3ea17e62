import { cpus } from 'node:os'

import { benchCases } from './bench-cases.ts'
import type { BenchCase } from './bench-cases.ts'
import { startBenchRig, targetNames } from './bench-rig.ts'
import type { BenchRig, Sample, TargetName } from './bench-rig.ts'
import { measureMemory } from './measure-memory.ts'
import type { MemorySummary } from './measure-memory.ts'
import type { BenchDialect } from './dialect-requests.ts'
import { measureStages } from './measure-stages.ts'
import type { StageSummary } from './measure-stages.ts'
import { measureTranslation } from './measure-translation.ts'
import type { TranslationSummary } from './measure-translation.ts'
import { summarise } from './summarise.ts'
import type { CaseSummary, Round } from './summarise.ts'
import { verifyTarget } from './verify-target.ts'

export interface GatewayBenchOptions {
  /** Fewer cases, rounds and requests. */
  readonly isQuick: boolean
  /** Of one window of load. */
  readonly durationMs: number
  /** Substrings of case names, `memory` and `stages` among them; everything when empty. */
  readonly only: readonly string[]
  /** Only what it costs to translate from this dialect is measured. */
  readonly from?: BenchDialect
  /** Told what is being measured. */
  readonly onProgress: (words: string) => void
}

export interface GatewayBenchReport {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  readonly duration_ms: number
  readonly cases: readonly CaseSummary[]
  readonly memory: readonly MemorySummary[]
  readonly stages: readonly StageSummary[]
  readonly translation: readonly TranslationSummary[]
}

/**
 * Sends the same load to a canned backend directly, through the floor (the least a proxy can do), and through llmr, in
 * one run and in alternation, so that the figures can be compared wherever they were made.
 */
export async function runGatewayBench(options: GatewayBenchOptions): Promise<GatewayBenchReport> {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    duration_ms: options.durationMs,
  }
  const { from } = options
  if (from !== undefined) {
    return {
      ...machine,
      cases: [],
      memory: [],
      stages: [],
      translation: await measureTranslation({ ...options, from }),
    }
  }
  const cases = benchCases(options)
  return {
    ...machine,
    translation: [],
    cases: cases.length === 0 ? [] : await measureCases(cases, options),
    memory: isAsked('memory', options) ? await reportMemory(options) : [],
    stages: isAsked('stages', options) ? await reportStages(options) : [],
  }
}

async function measureCases(
  cases: readonly BenchCase[],
  { isQuick, onProgress }: GatewayBenchOptions,
): Promise<readonly CaseSummary[]> {
  const rig = await startBenchRig()
  try {
    for (const target of rig.targets) await verifyTarget(target)
    const summaries: CaseSummary[] = []
    for (const benchCase of cases) {
      onProgress(benchCase.name)
      summaries.push(summarise(benchCase, await measureRounds(rig, benchCase, isQuick ? 3 : 5)))
    }
    return summaries
  } finally {
    await rig.close()
  }
}

async function measureRounds(rig: BenchRig, benchCase: BenchCase, count: number): Promise<readonly Round[]> {
  const rounds: Round[] = []
  await warmUp(rig, benchCase)
  for (let index = 0; index < count; index += 1) {
    const samples = new Map<TargetName, Sample>()
    // Every other round runs backwards, so that no target always follows the same one.
    const order = index % 2 === 0 ? rig.targets : rig.targets.toReversed()
    for (const target of order) samples.set(target.name, await rig.measure(target, benchCase))
    rounds.push(roundOf(samples))
  }
  return rounds
}

async function warmUp(rig: BenchRig, { model, requestBytes, shape }: BenchCase): Promise<void> {
  if (model === 'bench-paced') return
  const clients = shape.kind === 'open' ? 8 : shape.clients
  for (const target of rig.targets) {
    await rig.measure(target, { model, requestBytes, shape: { kind: 'closed', clients, durationMs: warmUpMs } })
  }
}

const warmUpMs = 500

function roundOf(samples: ReadonlyMap<TargetName, Sample>): Round {
  const [direct, floor, llmr] = targetNames.map((name) => samples.get(name))
  if (direct === undefined || floor === undefined || llmr === undefined) throw new Error('a target was not measured')
  return { direct, floor, llmr }
}

function isAsked(name: string, { only }: GatewayBenchOptions): boolean {
  return only.length === 0 || only.includes(name)
}

async function reportMemory({ isQuick, onProgress }: GatewayBenchOptions): Promise<readonly MemorySummary[]> {
  onProgress('memory')
  return measureMemory({ requests: isQuick ? [2000, 20_000] : [10_000, 100_000], streams: isQuick ? 200 : 1000 })
}

async function reportStages({ durationMs, onProgress }: GatewayBenchOptions): Promise<readonly StageSummary[]> {
  onProgress('stages')
  return measureStages({ durationMs: durationMs * 2 })
}
