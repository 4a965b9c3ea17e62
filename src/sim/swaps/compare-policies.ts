import { waitFloor } from './floor/wait-floor.ts'
import type { WaitFloor } from './floor/wait-floor.ts'
import { measureReplay } from './measure-replay.ts'
import type { ReplayFigures } from './measure-replay.ts'
import type { ReplayHost, ReplayModel } from './replay-host.ts'
import type { ReplayScheduler } from './replay-scheduler.ts'
import { replayTrace } from './replay-trace.ts'
import type { TraceRow } from './trace-row.ts'

export interface Comparison {
  readonly rows: readonly TraceRow[]
  readonly models: readonly ReplayModel[]
  /** Each is tried with each policy: what if there were more memory, or a faster disk? */
  readonly hosts: readonly ReplayHost[]
  readonly policies: readonly ComparedPolicy[]
  readonly timeoutMs: number
  /** Rounds of the search for a floor; 0 leaves it out. */
  readonly floorIterations: number
}

export interface ComparedPolicy {
  readonly name: string
  /** A scheduler that knows nothing yet. */
  readonly createScheduler: (host: ReplayHost) => ReplayScheduler
}

export interface ComparedHost {
  readonly host: ReplayHost
  readonly floor?: WaitFloor
  readonly outcomes: readonly PolicyOutcome[]
}

export interface PolicyOutcome {
  readonly policy: string
  readonly figures: ReplayFigures
  /** Mean wait by the mean wait that no schedule can go below. */
  readonly ratioToFloor?: number
}

/** Replays one workload with every policy on every host, and says how far each is from the least wait there could be. */
export function comparePolicies(comparison: Comparison): readonly ComparedHost[] {
  return comparison.hosts.map((host) => {
    const outcomes = comparison.policies.map(({ name, createScheduler }) => ({
      policy: name,
      figures: measureReplay(replayTrace({ ...comparison, host }, createScheduler(host))),
    }))
    const floor = floorFor(comparison, host, outcomes)
    if (floor === undefined) return { host, outcomes }
    return { host, floor, outcomes: outcomes.map((outcome) => withRatio(outcome, floor)) }
  })
}

function floorFor(
  { rows, models, floorIterations }: Comparison,
  host: ReplayHost,
  outcomes: readonly PolicyOutcome[],
): WaitFloor | undefined {
  // Requests that were refused have no wait, so a floor under the wait of all would say nothing.
  const complete = outcomes.filter(({ figures }) => figures.refused === 0)
  if (floorIterations === 0 || complete.length === 0) return undefined
  // A floor is seldom near what a policy reaches: steps sized for half of that come closest in as many rounds.
  const knownMs = Math.min(...complete.map(({ figures }) => figures.wait.meanMs))
  return waitFloor({ rows, models, host }, { iterations: floorIterations, targetMs: knownMs / 2 })
}

function withRatio(outcome: PolicyOutcome, { reactiveMs }: WaitFloor): PolicyOutcome {
  const { refused, wait } = outcome.figures
  return refused > 0 || reactiveMs <= 0 ? outcome : { ...outcome, ratioToFloor: wait.meanMs / reactiveMs }
}
