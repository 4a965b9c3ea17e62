import { LlmrError } from '../../core/error.ts'
import type { SwapPolicy } from '../../scheduling/policies/swap-policy.ts'
import { createScheduler } from '../../scheduling/scheduler.ts'
import { comparePolicies } from '../../sim/swaps/compare-policies.ts'
import type { ComparedHost, PolicyOutcome } from '../../sim/swaps/compare-policies.ts'
import type { ReplayFigures } from '../../sim/swaps/measure-replay.ts'
import type { Scenario } from '../../sim/swaps/read-scenario.ts'
import type { ReplayHost } from '../../sim/swaps/replay-host.ts'
import { replaySettings } from '../../sim/swaps/replay-settings.ts'
import { busiestSlice } from './busiest-slice.ts'
import { replayThroughGateway } from './replay-through-gateway.ts'
import type { GatewayFigures, ReplayCounts } from './replay-through-gateway.ts'

export interface ReplayBenchOptions {
  readonly scenario: Scenario
  readonly policies: readonly SwapPolicy[]
  /** Simulated seconds in a real one. */
  readonly speed: number
  /** The busiest stretch of this length instead of the whole trace; simulated. */
  readonly sliceMs?: number
  /** Rounds of the search for the least wait there could be; 0 leaves it out. */
  readonly floorIterations: number
  readonly signal: AbortSignal
  readonly watcher: ReplayWatcher
}

export interface ReplayWatcher {
  begin(replay: { readonly policy: string; readonly of: number; readonly lastsMs: number }): void
  changed(counts: ReplayCounts): void
  ended(outcome: PolicyOutcome): void
}

export interface ReplayBenchReport {
  readonly requests: number
  readonly models: number
  readonly speed: number
  readonly host: ReplayHost
  /** Mean wait that no order could have gone below, simulated; absent where it was not looked for. */
  readonly floor_ms?: number
  readonly policies: readonly ReplayedPolicy[]
}

export interface ReplayedPolicy {
  readonly policy: string
  /** Through the gateway, in real time and real processes. */
  readonly gateway: PolicyOutcome
  /** The same scheduler, host and requests in simulated time, with nothing around them. */
  readonly simulated: PolicyOutcome
  /** The same, on a host whose loads and stops take what they took here in the mean. */
  readonly as_measured: PolicyOutcome
  /** Mean wait through the gateway by that in simulated time. */
  readonly ratio: number
  readonly ratio_as_measured: number
  /** What llmr took for each load, stop and end of a request beyond its engine's part; real milliseconds, typical. */
  readonly own_ms: GatewayFigures['ownMs']
}

/**
 * Replays a workload through a whole gateway, policy by policy, and beside it in simulated time: how far the gateway is
 * from what its own scheduler could do if everything around it took no time.
 *
 * @throws LlmrError when it is interrupted; Error when a request fails that should not
 */
export async function runReplayBench(options: ReplayBenchOptions): Promise<ReplayBenchReport> {
  const { policies, speed, watcher } = options
  const work = workOf(options)
  const { rows, host } = work
  const { floor } = inSimulatedTime(work, host, policies.slice(0, 1), options.floorIterations)
  const replayed: ReplayedPolicy[] = []
  for (const policy of policies) {
    watcher.begin({ policy: policy.name, of: rows.length, lastsMs: (rows.at(-1)?.arrivalMs ?? 0) / speed })
    const measured = await throughGateway({ ...work, policy }, options)
    const gateway = outcomeOf(policy.name, measured.figures, floor?.reactiveMs)
    const outcomeOn = (on: ReplayHost): PolicyOutcome => {
      const [outcome] = inSimulatedTime(work, on, [policy], 0).outcomes
      if (outcome === undefined) throw new Error('a policy was compared and has no outcome')
      return outcomeOf(policy.name, outcome.figures, floor?.reactiveMs)
    }
    const [simulated, asMeasured] = [outcomeOn(host), outcomeOn(measured.measuredHost)]
    watcher.ended(gateway)
    replayed.push({
      policy: policy.name,
      gateway,
      simulated,
      as_measured: asMeasured,
      ratio: ratioOf(gateway, simulated),
      ratio_as_measured: ratioOf(gateway, asMeasured),
      own_ms: measured.ownMs,
    })
  }
  return {
    requests: rows.length,
    models: work.models.length,
    speed,
    host,
    ...(floor !== undefined && { floor_ms: floor.reactiveMs }),
    policies: replayed,
  }
}

interface Work extends Scenario {
  readonly host: ReplayHost
}

/** What is replayed, and on which host. */
function workOf({ scenario, sliceMs }: ReplayBenchOptions): Work {
  const rows = sliceMs === undefined ? scenario.rows : busiestSlice(scenario.rows, sliceMs)
  const asked = new Set(rows.map(({ model }) => model))
  const [host] = scenario.hosts
  if (host === undefined) throw new LlmrError('invalid_request', 'A replay needs a host.')
  return { ...scenario, rows, models: scenario.models.filter(({ name }) => asked.has(name)), host: inPageCache(host) }
}

function inSimulatedTime(
  work: Work,
  host: ReplayHost,
  policies: readonly SwapPolicy[],
  floorIterations: number,
): ComparedHost {
  const [compared] = comparePolicies({
    ...work,
    hosts: [host],
    floorIterations,
    policies: policies.map((policy) => ({
      name: policy.name,
      createScheduler: (on) =>
        createScheduler({ ...replaySettings(work.models, on), policy, maxWaitMs: work.maxWaitMs, classLimits: {} }),
    })),
  })
  if (compared === undefined) throw new Error('a host was compared and has no outcome')
  return compared
}

/** Simulated engines have no files that could be read ahead: every load comes from the page cache. */
function inPageCache(host: ReplayHost): ReplayHost {
  return { ...host, diskRate: host.busRate }
}

async function throughGateway(
  work: Work & { readonly policy: SwapPolicy },
  { speed, signal, watcher }: ReplayBenchOptions,
): Promise<GatewayFigures> {
  try {
    return await replayThroughGateway({
      ...work,
      timeScale: 1 / speed,
      signal,
      onChange: (counts) => watcher.changed(counts),
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new LlmrError('shutting_down', 'The replay was interrupted; every engine it had started has ended.')
  }
}

function outcomeOf(policy: string, figures: ReplayFigures, floorMs = 0): PolicyOutcome {
  return {
    policy,
    figures,
    ...(floorMs > 0 && figures.refused === 0 && { ratioToFloor: figures.wait.meanMs / floorMs }),
  }
}

function ratioOf(one: PolicyOutcome, other: PolicyOutcome): number {
  return one.figures.wait.meanMs / other.figures.wait.meanMs
}
