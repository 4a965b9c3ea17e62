import { CliError } from '../../cli/cli-error.ts'
import { durationOrZero, size } from '../../config/units.ts'
import { readScenario, ScenarioProblem } from '../../sim/swaps/read-scenario.ts'
import type { AmountReader, Scenario, ScenarioText } from '../../sim/swaps/read-scenario.ts'

/** The flags of a command that replays a workload, by their names. */
export interface ScenarioFlags extends Omit<
  ScenarioText,
  'trace' | 'maxWait' | 'diskGbps' | 'busGbps' | 'prefixCache'
> {
  readonly 'max-wait': string
  readonly 'disk-gbps': readonly string[]
  readonly 'bus-gbps': string
  readonly 'prefix-cache': ScenarioText['prefixCache']
}

/** @throws CliError naming the first flag, or the line of the trace, that cannot be read */
export function scenarioOf(trace: string, flags: ScenarioFlags): Scenario {
  const text = {
    ...flags,
    trace,
    maxWait: flags['max-wait'],
    diskGbps: flags['disk-gbps'],
    busGbps: flags['bus-gbps'],
    prefixCache: flags['prefix-cache'],
  }
  try {
    return readScenario(text, { size: reader(size), duration: reader(durationOrZero) })
  } catch (error) {
    if (!(error instanceof ScenarioProblem)) throw error
    throw new CliError(error.message, {
      code: 'invalid_scenario',
      exitCode: 2,
      nextSteps: ['See --help, and docs/swapping.md for what a trace is.'],
    })
  }
}

/** What a replay through a gateway leaves out: where files are read from, and what a stop would save. */
const fixed = {
  timeout: '10m',
  ram: '1000GB',
  'disk-gbps': ['1'],
  'prefix-cache': 'warm',
} as const

/** @throws CliError as `scenarioOf`; `rate` is called --rate there */
export function replayScenario(
  trace: string,
  flags: Omit<ScenarioFlags, keyof typeof fixed | 'vram' | 'speed'> & { readonly vram: string; readonly rate: string },
): Scenario {
  return scenarioOf(trace, { ...flags, ...fixed, vram: [flags.vram], speed: flags.rate })
}

function reader(schema: typeof size): AmountReader {
  return (text) => {
    const read = schema.safeParse(text)
    return read.success ? { value: read.data } : { problem: read.error.issues[0]?.message ?? 'cannot be read' }
  }
}
