import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { measureReplay } from '../../sim/swaps/measure-replay.ts'
import type { ReplayFigures } from '../../sim/swaps/measure-replay.ts'
import { loadMs } from '../../sim/swaps/replay-host.ts'
import type { ReplayHost, ReplayModel } from '../../sim/swaps/replay-host.ts'
import type { TraceRow } from '../../sim/swaps/trace-row.ts'
import { startBenchGateway } from '../swaps/start-gateway.ts'
import { driveTrace } from './drive-trace.ts'
import type { DrivenTrace } from './drive-trace.ts'
import { LoadLog } from './load-log.ts'
import { OwnTime } from './own-time.ts'
import { engineCommand, replayPlan } from './replay-plan.ts'
import type { ReplayPlan } from './replay-plan.ts'
import { vramIdle } from './vram-idle.ts'
import type { Load } from './vram-idle.ts'

export interface GatewayReplay extends Omit<ReplayPlan, 'cacheFolder' | 'giveBackMs'> {
  readonly rows: readonly TraceRow[]
  readonly signal: AbortSignal
  readonly onChange: (counts: ReplayCounts) => void
}

export interface ReplayCounts {
  readonly sent: number
  readonly ended: number
  readonly loads: number
}

export interface GatewayFigures {
  readonly figures: ReplayFigures
  /** What llmr took for each load, stop and end of a request beyond its engine's part; real milliseconds, typical. */
  readonly ownMs: { readonly load: number; readonly stop: number; readonly request: number }
  /** The host with loads and stops as they were in the mean: starting processes is slow on a busy machine. */
  readonly measuredHost: ReplayHost
}

/** Beyond the longest wait there may be, a request is served within this, or something hangs; real time. */
const graceMs = 60_000

/**
 * Plays a trace to a whole gateway over simulated engines, each a process of its own that is started and stopped as a
 * profile's is. Times are given in simulated time.
 */
export async function replayThroughGateway(replay: GatewayReplay): Promise<GatewayFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'llmr-replay-'))
  try {
    await rehearse(replay, folder)
    return await play(replay, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Has the engine's code compiled and kept: on a fast replay a first start would take longer than the load it stands for. */
async function rehearse({ models: [model], host, timeScale }: GatewayReplay, cacheFolder: string): Promise<void> {
  if (model === undefined) return
  const giveBackMs = { load: 0, stop: 0 }
  const [program, ...args] = engineCommand({ port: 0, model, host, timeScale, giveBackMs, isRehearsal: true })
  await promisify(execFile)(program, args, { env: { ...process.env, NODE_COMPILE_CACHE: cacheFolder } })
}

async function play(replay: GatewayReplay, folder: string): Promise<GatewayFigures> {
  const { rows, models, host, timeScale, timeoutMs, signal, onChange } = replay
  const speed = 1 / timeScale
  const own = { load: new OwnTime(speed), stop: new OwnTime(speed), request: new OwnTime(speed) }
  const wanted = new Map(models.map((model) => [model.name, wantedMs(model, replay)]))
  const stopMs = host.stopMs * timeScale
  let counts: ReplayCounts = { sent: 0, ended: 0, loads: 0 }
  const count = (changed: Partial<ReplayCounts>): void => onChange((counts = { ...counts, ...changed }))
  const stopsMs: number[] = []
  const log = new LoadLog({
    onLoad: ({ model, startedMs, readyMs }) => {
      own.load.observe({ tookMs: readyMs - startedMs, wantedMs: wanted.get(model) ?? 0 })
      count({ loads: log.loads.length })
    },
    onStop: ({ tookMs }) => {
      stopsMs.push(tookMs)
      own.stop.observe({ tookMs, wantedMs: stopMs })
    },
  })
  const giveBackMs = ({ name }: ReplayModel) => ({
    load: own.load.giveBackMs(wanted.get(name) ?? 0),
    stop: own.stop.giveBackMs(stopMs),
  })
  const plan = replayPlan({ ...replay, cacheFolder: folder, giveBackMs })
  const gateway = await startBenchGateway({
    plan,
    folder,
    dataDirectory: folder,
    onMoment: (moment) => log.add(moment),
  })
  try {
    const driven = await driveTrace({
      url: gateway.url,
      rows,
      timeScale,
      timeoutMs: timeoutMs * timeScale + graceMs,
      ownTime: own.request,
      signal,
      onChange: count,
    })
    const figures = figuresOf(driven, log.loads, replay)
    const { load, stop, request } = own
    return {
      figures,
      ownMs: { load: load.typicalMs, stop: stop.typicalMs, request: request.typicalMs },
      measuredHost: hostAsMeasured(replay, log.loads, stopsMs),
    }
  } finally {
    await gateway.close()
  }
}

/** What a load of this model takes on the host, in real time. */
function wantedMs({ sizeBytes }: ReplayModel, { host, timeScale }: GatewayReplay): number {
  return loadMs(host, sizeBytes, sizeBytes) * timeScale
}

function hostAsMeasured(replay: GatewayReplay, loads: readonly Load[], stopsMs: readonly number[]): ReplayHost {
  const { models, host, timeScale } = replay
  const told = new Map(models.map((model) => [model.name, wantedMs(model, replay)]))
  const longer = loads.map(({ model, startedMs, readyMs }) => readyMs - startedMs - (told.get(model) ?? 0))
  return {
    ...host,
    spawnMs: Math.max(0, host.spawnMs + mean(longer) / timeScale),
    stopMs: stopsMs.length === 0 ? host.stopMs : mean(stopsMs) / timeScale,
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function figuresOf(
  { served, refused, startedAtMs }: DrivenTrace,
  realLoads: readonly Load[],
  { models, host, timeScale }: GatewayReplay,
): ReplayFigures {
  const toSimulated = (monotonicMs: number): number => (performance.timeOrigin + monotonicMs - startedAtMs) / timeScale
  const loads = realLoads.map(({ model, startedMs, readyMs }) => ({
    model,
    startedMs: toSimulated(startedMs),
    readyMs: toSimulated(readyMs),
  }))
  return measureReplay({
    served,
    refused,
    loads: loads.length,
    loadingMs: loads.reduce((sum, { startedMs, readyMs }) => sum + readyMs - startedMs, 0),
    idleWhileWaiting: vramIdle({ served, loads, models, vramBytes: host.vramBytes }),
  })
}
