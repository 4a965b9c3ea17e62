import type { PolicyOutcome } from '../../sim/swaps/compare-policies.ts'
import { formatComparison } from '../../sim/swaps/format-comparison.ts'
import type { ReplayBenchReport, ReplayedPolicy } from './run-replay-bench.ts'

type FormatTable = (header: readonly string[], rows: readonly (readonly string[])[]) => string

/** The report for people: each policy through the gateway and in simulated time, then what lies between them. */
export function formatReplay(report: ReplayBenchReport, formatTable: FormatTable): string {
  const { host, floor_ms: floorMs, requests, models, speed, policies } = report
  const outcomes = policies.flatMap(({ policy, gateway, simulated, as_measured: asMeasured }) => [
    named(gateway, `${policy}, gateway`),
    named(simulated, `${policy}, simulated`),
    named(asMeasured, `${policy}, as measured`),
  ])
  const floor = floorMs === undefined ? {} : { floor: { reactiveMs: floorMs, clairvoyantMs: 0, slotsOnlyMs: 0 } }
  return [
    `${requests} requests for ${models} models at ${speed} times their speed`,
    formatComparison([{ host, ...floor, outcomes }], formatTable),
    policies.map(betweenThem).join('\n'),
    notes,
  ].join('\n\n')
}

const notes = `gateway: real requests, real processes, simulated engines. simulated: the same scheduler with nothing around it. as
measured: the same on a host whose loads and stops take what they took here, since starting processes is slow on a busy
machine. Engines give back what llmr takes, so that it counts once and not as often as time is sped up.`

function named(outcome: PolicyOutcome, policy: string): PolicyOutcome {
  return { ...outcome, policy }
}

function betweenThem({ policy, ratio, ratio_as_measured: asMeasured, own_ms: own }: ReplayedPolicy): string {
  return (
    `${policy}: the mean wait is ${ratio.toFixed(2)} times that in simulated time, ${asMeasured.toFixed(2)} times as ` +
    `measured; llmr took ${own.load.toFixed(0)} ms for a load, ${own.stop.toFixed(0)} ms for a stop, ` +
    `${own.request.toFixed(1)} ms for the end of a request`
  )
}
