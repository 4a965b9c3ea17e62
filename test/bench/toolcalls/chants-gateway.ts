import type { BenchCase } from '../../../src/bench/gateway/bench-cases.ts'
import { type Sample, startBenchRig, type Target } from '../../../src/bench/gateway/bench-rig.ts'
import { median } from '../../../src/bench/gateway/quantiles.ts'

/**
 * `node test/bench/toolcalls/chants-gateway.ts`: what listening for chants costs streams that pass, as the gateway's own bench
 * measures them: a key, metrics, the access log in a file, no store. One process in alternation: `x-llmr-guard: off`
 * switches it off for a request without tools, and nothing else.
 */
const closed = (clients: number) => ({ kind: 'closed', clients, durationMs: 2_000 }) as const
const cases: readonly BenchCase[] = [
  { name: 'burst-1k-c1', model: 'bench-burst', requestBytes: 1000, shape: closed(1) },
  { name: 'burst-1k-c32', model: 'bench-burst', requestBytes: 1000, shape: closed(32) },
  {
    name: 'paced-1k-c32',
    model: 'bench-paced',
    requestBytes: 1000,
    shape: { kind: 'counted', clients: 32, requests: 32 },
  },
]
const roundsCount = 5

const rig = await startBenchRig()
try {
  const on = rig.target('llmr')
  const off: Target = { ...on, headers: { ...on.headers, 'x-llmr-guard': 'off' } }
  for (const each of cases) {
    const pairs: { readonly on: Sample; readonly off: Sample }[] = []
    for (let round = -1; round < roundsCount; round++) {
      // Every other round runs backwards, so that neither always follows the other; the first warms up.
      const order = round % 2 === 0 ? [on, off] : [off, on]
      const samples = new Map<Target, Sample>()
      for (const target of order) samples.set(target, await rig.measure(target, each))
      const [heard, passed] = [samples.get(on), samples.get(off)]
      if (heard !== undefined && passed !== undefined && round >= 0) pairs.push({ on: heard, off: passed })
    }
    const cost = ({ cpuUs = Number.NaN, load }: Sample): number => cpuUs / load.events
    const failure = pairs.map((pair) => pair.on.load.firstFailure ?? pair.off.load.firstFailure).find(Boolean)
    console.log(
      JSON.stringify({
        case: each.name,
        failure,
        on_us_per_event: median(pairs.map((pair) => cost(pair.on))),
        off_us_per_event: median(pairs.map((pair) => cost(pair.off))),
        ratio: median(pairs.map((pair) => cost(pair.on) / cost(pair.off))),
        on_p50_ms: median(pairs.map((pair) => pair.on.load.totalMs.p50)),
        off_p50_ms: median(pairs.map((pair) => pair.off.load.totalMs.p50)),
      }),
    )
  }
} finally {
  await rig.close()
}
