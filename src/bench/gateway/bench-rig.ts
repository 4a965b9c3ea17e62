import { join } from 'node:path'

import { programFile } from '../../core/package-root.ts'
import type { Load, LoadResult, LoadShape } from './drive-load.ts'
import type { BenchCase } from './bench-cases.ts'
import { chatRequest } from './canned-replies.ts'
import { type BenchDialect, dialectPaths, dialectRequest } from './dialect-requests.ts'
import type { MeterReading } from './meter.ts'
import { startLlmr } from './start-llmr.ts'
import { startProgram } from './start-program.ts'
import type { Program } from './start-program.ts'

export const targetNames = ['direct', 'floor', 'llmr'] as const

export type TargetName = (typeof targetNames)[number]

/** Where load can be sent. */
export interface Target {
  readonly name: TargetName
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
  /** The process between driver and backend; nothing stands there for `direct`. */
  readonly program?: Program
}

export interface Sample {
  readonly load: LoadResult
  /** CPU that the target's process used for all of it, microseconds. */
  readonly cpuUs?: number
  readonly systemUs?: number
  readonly rssBytes?: number
}

/** The processes of one run: the clients, the backend, and what stands between them. */
export interface BenchRig {
  readonly targets: readonly Target[]
  target(name: TargetName): Target
  measure(target: Target, load: Omit<BenchCase, 'name'>): Promise<Sample>
  hold(target: Target, streams: number): Promise<void>
  release(): Promise<void>
  close(): Promise<void>
}

export interface RigOptions {
  /** Where floor and llmr write CPU profiles when they end, in a folder of their name each. */
  readonly profileFolder?: string
}

export async function startBenchRig({ profileFolder }: RigOptions = {}): Promise<BenchRig> {
  const flagsOf = (name: TargetName): readonly string[] =>
    profileFolder === undefined ? meterFlags() : [...meterFlags(), ...profileFlags(join(profileFolder, name))]
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closeOne of closers.toReversed()) await closeOne()
  }
  const started = (program: Program): Program => {
    closers.push(() => program.close())
    return program
  }
  try {
    const backend = started(startProgram({ file: benchProgram('backend') }))
    const backendPort = await backend.call<number>('listen')
    const backendUrl = `http://127.0.0.1:${backendPort}`
    const floor = started(startProgram({ file: benchProgram('floor'), flags: flagsOf('floor') }))
    const floorPort = await floor.call<number>('listen', { url: backendUrl })
    const llmr = await startLlmr({ backendUrl, flags: flagsOf('llmr') })
    closers.push(() => llmr.close())
    const driver = started(startProgram({ file: benchProgram('driver') }))
    // Every target gets the same headers, so that none has less to read.
    const headers = { authorization: `Bearer ${llmr.key}`, accept: '*/*', 'user-agent': 'llmr-bench' }
    const targets = {
      direct: { name: 'direct', port: backendPort, headers },
      floor: { name: 'floor', port: floorPort, headers, program: floor },
      llmr: { name: 'llmr', port: llmr.port, headers, program: llmr.program },
    } as const
    return {
      targets: Object.values(targets),
      target: (name) => targets[name],
      measure: (target, load) => measure(driver, target, load),
      hold: (target, streams) =>
        driver.call('hold', { ...address(target), body: chatRequest('bench-idle', 1000), streams }),
      release: () => driver.call('release'),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const benchProgram = (name: string): string => programFile(`src/bench/gateway/${name}`)

const meterFlags = (): readonly string[] => ['--expose-gc', '--import', benchProgram('meter')]

function profileFlags(folder: string): readonly string[] {
  return ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${folder}`]
}

async function measure(
  driver: Program,
  target: Target,
  { model, requestBytes, shape, dialect = 'openai-chat' }: Omit<BenchCase, 'name'>,
): Promise<Sample> {
  const load: Load = { ...address(target, dialect), body: dialectRequest(dialect, model, requestBytes), shape }
  const before = await target.program?.call<MeterReading>('read')
  const result = await driver.call<LoadResult>('drive', load, durationMaxMs(shape))
  const after = await target.program?.call<MeterReading>('read')
  if (before === undefined || after === undefined) return { load: result }
  return {
    load: result,
    cpuUs: after.cpuUs - before.cpuUs,
    systemUs: after.systemUs - before.systemUs,
    rssBytes: after.rssBytes,
  }
}

function address(
  { port, headers }: Target,
  dialect: BenchDialect = 'openai-chat',
): Pick<Load, 'port' | 'path' | 'headers'> {
  return { port, path: dialectPaths[dialect], headers }
}

/** Long enough for the slowest machine that is still worth measuring. */
function durationMaxMs(shape: LoadShape): number {
  return 60_000 + (shape.kind === 'counted' ? shape.requests * 10 : shape.durationMs * 2)
}
