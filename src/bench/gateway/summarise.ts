import type { BenchCase } from './bench-cases.ts'
import type { Sample, TargetName } from './bench-rig.ts'
import { median } from './quantiles.ts'

/** What was measured of one case in one round: every target within seconds of each other. */
export type Round = Readonly<Record<TargetName, Sample>>

/** Medians over the rounds. Differences and ratios are taken within a round first, so that drift hits both sides. */
export interface TargetSummary {
  readonly requests_per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly first_byte_p50_ms: number
  readonly failures: number
  /** Over `direct`; absent there. */
  readonly added?: { readonly p50_ms: number; readonly p99_ms: number; readonly first_byte_p50_ms: number }
  readonly cpu_us_per_request?: number
  /** The part of it that the kernel took for system calls, which every proxy pays. */
  readonly system_us_per_request?: number
  /** For streams: all CPU of the stream divided by its events. */
  readonly cpu_us_per_event?: number
  readonly rss_bytes?: number
}

export interface CaseSummary {
  readonly name: string
  readonly rounds: number
  readonly targets: Readonly<Record<TargetName, TargetSummary>>
  /** CPU of llmr for a request over that of the floor. */
  readonly cpu_times_floor: number
}

export function summarise({ name }: Pick<BenchCase, 'name'>, rounds: readonly Round[]): CaseSummary {
  return {
    name,
    rounds: rounds.length,
    targets: {
      direct: summariseTarget('direct', rounds),
      floor: summariseTarget('floor', rounds),
      llmr: summariseTarget('llmr', rounds),
    },
    cpu_times_floor: median(
      rounds.map(({ llmr, floor }) => cpuPer(llmr, llmr.load.requests) / cpuPer(floor, floor.load.requests)),
    ),
  }
}

function summariseTarget(target: TargetName, rounds: readonly Round[]): TargetSummary {
  const samples = rounds.map((round) => round[target])
  const middle = (value: (sample: Sample) => number): number => median(samples.map(value))
  const plain = {
    requests_per_second: middle(({ load }) => load.requests / (load.elapsedMs / 1000)),
    p50_ms: middle(({ load }) => load.totalMs.p50),
    p99_ms: middle(({ load }) => load.totalMs.p99),
    first_byte_p50_ms: middle(({ load }) => load.firstByteMs.p50),
    failures: samples.reduce((sum, { load }) => sum + load.failures, 0),
  }
  if (target === 'direct') return plain
  const over = (value: (sample: Sample) => number): number =>
    median(rounds.map((round) => value(round[target]) - value(round.direct)))
  return {
    ...plain,
    added: {
      p50_ms: over(({ load }) => load.totalMs.p50),
      p99_ms: over(({ load }) => load.totalMs.p99),
      first_byte_p50_ms: over(({ load }) => load.firstByteMs.p50),
    },
    cpu_us_per_request: middle((sample) => cpuPer(sample, sample.load.requests)),
    system_us_per_request: middle(({ systemUs = Number.NaN, load }) => systemUs / load.requests),
    ...(samples.some(({ load }) => load.events > 0)
      ? { cpu_us_per_event: middle((sample) => cpuPer(sample, sample.load.events)) }
      : {}),
    rss_bytes: middle(({ rssBytes }) => rssBytes ?? Number.NaN),
  }
}

function cpuPer({ cpuUs }: Sample, count: number): number {
  return (cpuUs ?? Number.NaN) / count
}
