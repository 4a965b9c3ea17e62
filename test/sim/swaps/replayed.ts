import { fifo } from '../../../src/scheduling/policies/fifo.ts'
import { ripe } from '../../../src/scheduling/policies/ripe.ts'
import type { SwapPolicy } from '../../../src/scheduling/policies/swap-policy.ts'
import { createScheduler } from '../../../src/scheduling/scheduler.ts'
import { measureReplay } from '../../../src/sim/swaps/measure-replay.ts'
import { defaultReplayHost, modelsOfTrace } from '../../../src/sim/swaps/replay-host.ts'
import type { ReplayHost } from '../../../src/sim/swaps/replay-host.ts'
import { replaySettings } from '../../../src/sim/swaps/replay-settings.ts'
import { replayTrace } from '../../../src/sim/swaps/replay-trace.ts'
import { parseTrace } from '../../../src/sim/swaps/trace.ts'
import type { TraceRow } from '../../../src/sim/swaps/trace-row.ts'

export const policies = { ripe, fifo }

export interface Workload {
  readonly rows: readonly TraceRow[]
  readonly sizesGb?: readonly number[]
  readonly slots?: number
  readonly host?: Partial<ReplayHost>
}

export function workOf({ rows, sizesGb = [16], slots = 4, host }: Workload) {
  const sizeCycle = sizesGb.map((gigabytes) => gigabytes * 1e9)
  return { rows, models: modelsOfTrace(rows, { sizes: {}, sizeCycle, slots }), host: { ...defaultReplayHost, ...host } }
}

/** Replays a workload with the real scheduler. */
export function replayed(
  workload: Workload,
  {
    policy = ripe,
    maxWaitMs = 120_000,
    timeoutMs = 1e12,
  }: { policy?: SwapPolicy; maxWaitMs?: number; timeoutMs?: number },
) {
  const work = workOf(workload)
  const scheduler = createScheduler({ ...replaySettings(work.models, work.host), policy, maxWaitMs, classLimits: {} })
  const result = replayTrace({ ...work, timeoutMs }, scheduler)
  return { ...result, figures: measureReplay(result) }
}

/** The rows of a trace that must be one, at so many times its speed. */
export function rowsOf(text: string, speed = 1): readonly TraceRow[] {
  const trace = parseTrace(text)
  if ('problem' in trace) throw new Error(trace.problem)
  return trace.rows.map((row) => ({ ...row, arrivalMs: row.arrivalMs / speed }))
}

export function request(seconds: number, model: string, change: Partial<TraceRow> = {}): TraceRow {
  return { arrivalMs: seconds * 1000, model, promptTokens: 200, outputTokens: 100, ...change }
}
