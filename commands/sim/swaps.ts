import { Args, Flags } from '@oclif/core'
import type { Interfaces } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import type { SwapPolicy } from '../../src/scheduling/policies/swap-policy.ts'
import type { ComparedPolicy } from '../../src/sim/swaps/compare-policies.ts'
import type { AmountReader, Scenario } from '../../src/sim/swaps/read-scenario.ts'

export default class SimSwaps extends LlmrCommand {
  static override summary = 'Replay a recorded workload and compare swap policies.'
  static override description =
    'Plays the requests of a trace, or of the log of llmr itself, to the scheduler in simulated time: no model runs, and ' +
    'hours take seconds. Prints how long requests would have waited under each policy, and the mean wait that no order ' +
    'could have gone below. --vram and --disk-gbps take several values: what if there were more?'
  static override examples = [
    '<%= config.bin %> <%= command.id %> llmr.log --size qwen3-8b=6GB --size coder=16GB',
    {
      description: 'What a second card or a faster disk would change',
      command: '<%= config.bin %> <%= command.id %> llmr.log --vram 24GB,48GB --disk-gbps 0.5,6 --policy ripe',
    },
  ]
  static override args = {
    trace: Args.string({ required: true, description: 'File of JSON lines, or - for stdin.' }),
  }
  static override flags = {
    policy: Flags.string({
      summary: 'Policies to compare: ripe, fifo, or the path of a module of your own.',
      default: ['ripe', 'fifo'],
      helpValue: 'NAME|FILE',
      multiple: true,
      delimiter: ',',
    }),
    'max-wait': Flags.string({ summary: 'From here on a waiting request is overdue.', default: '60s' }),
    timeout: Flags.string({ summary: 'Whoever still waits after so long is refused.', default: '10m' }),
    speed: Flags.string({ summary: 'Arrivals so many times as fast as recorded.', default: '1', helpValue: 'NUMBER' }),
    floor: Flags.boolean({
      summary: 'Look for the mean wait that no order can go below.',
      default: true,
      allowNo: true,
    }),
    'floor-rounds': Flags.integer({ summary: 'Rounds of that search.', default: 150, min: 1, max: 10_000 }),
    vram: Flags.string({
      summary: 'VRAM for models; several to compare.',
      default: ['24GB'],
      multiple: true,
      delimiter: ',',
      helpGroup: 'HOST',
      helpValue: 'SIZE',
    }),
    ram: Flags.string({ summary: 'Memory for the page cache.', default: '64GB', helpGroup: 'HOST', helpValue: 'SIZE' }),
    'disk-gbps': Flags.string({
      summary: 'Gigabytes a second from disk; several to compare.',
      default: ['2.5'],
      multiple: true,
      delimiter: ',',
      helpGroup: 'HOST',
      helpValue: 'NUMBER',
    }),
    'bus-gbps': Flags.string({
      summary: 'Gigabytes a second from the page cache into VRAM.',
      default: '6',
      helpGroup: 'HOST',
      helpValue: 'NUMBER',
    }),
    spawn: Flags.string({
      summary: 'From exec until an engine reads its model.',
      default: '1500ms',
      helpGroup: 'HOST',
    }),
    stop: Flags.string({ summary: 'From the signal until VRAM is free.', default: '800ms', helpGroup: 'HOST' }),
    'prefix-cache': Flags.option({
      summary: "What a session's next turn finds of its prompt.",
      default: 'warm',
      options: ['warm', 'restore', 'none'] as const,
      helpGroup: 'HOST',
    })(),
    size: Flags.string({
      summary: 'Memory one model needs; may be repeated.',
      multiple: true,
      default: [],
      helpGroup: 'MODELS',
      helpValue: 'MODEL=SIZE',
    }),
    sizes: Flags.string({
      summary: 'Memory of models not named, dealt out in turn, the model asked for most first.',
      default: ['16GB'],
      multiple: true,
      delimiter: ',',
      helpGroup: 'MODELS',
      helpValue: 'SIZE',
    }),
    slots: Flags.integer({ summary: 'Requests a model works on at once.', default: 4, min: 1, helpGroup: 'MODELS' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SimSwaps)
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const { comparePolicies } = await import('../../src/sim/swaps/compare-policies.ts')
    const { formatComparison } = await import('../../src/sim/swaps/format-comparison.ts')

    const scenario = await scenarioOf(await readInput(args.trace), flags)
    const { rows, models, passedOver } = scenario
    const leftOut = passedOver === 0 ? '' : `; ${passedOver} lines are no served requests and were passed over`
    this.logToStderr(`${rows.length} requests for ${models.length} models${leftOut}`)

    const hosts = comparePolicies({
      ...scenario,
      policies: await policiesNamed(flags.policy, scenario),
      floorIterations: flags.floor ? flags['floor-rounds'] : 0,
    })
    this.log(formatComparison(hosts, formatTable))
    return { requests: rows.length, passedOver, models, hosts }
  }
}

type SwapsFlags = Interfaces.InferredFlags<typeof SimSwaps.flags>

async function scenarioOf(trace: string, flags: SwapsFlags): Promise<Scenario> {
  const { durationOrZero, size } = await import('../../src/config/units.ts')
  const { readScenario, ScenarioProblem } = await import('../../src/sim/swaps/read-scenario.ts')
  const { CliError } = await import('../../src/cli/cli-error.ts')
  const reader =
    (schema: typeof size): AmountReader =>
    (text) => {
      const read = schema.safeParse(text)
      return read.success ? { value: read.data } : { problem: read.error.issues[0]?.message ?? 'cannot be read' }
    }
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
      nextSteps: ['See llmr sim swaps --help, and docs/swapping.md for what a trace is.'],
    })
  }
}

async function policiesNamed(
  names: readonly string[],
  { models, maxWaitMs }: Scenario,
): Promise<readonly ComparedPolicy[]> {
  const { createScheduler } = await import('../../src/scheduling/scheduler.ts')
  const { replaySettings } = await import('../../src/sim/swaps/replay-settings.ts')
  const policies = await Promise.all(names.map(policyNamed))
  return policies.map((policy) => ({
    name: policy.name,
    createScheduler: (host) => createScheduler({ ...replaySettings(models, host), policy, maxWaitMs, classLimits: {} }),
  }))
}

async function policyNamed(name: string): Promise<SwapPolicy> {
  const path = await import('node:path')
  const { CliError } = await import('../../src/cli/cli-error.ts')
  const { isPolicyFile } = await import('../../src/config/check-policy-file.ts')
  const { loadPolicy } = await import('../../src/gateway/configure/load-policy.ts')
  const isFile = isPolicyFile(name)
  if (!isFile && name !== 'ripe' && name !== 'fifo') {
    throw new CliError(`There is no policy ${name}.`, {
      code: 'unknown_policy',
      exitCode: 2,
      nextSteps: ['Name ripe or fifo.', 'Or give the path of a module, such as ./my-policy.js.'],
    })
  }
  return loadPolicy(isFile ? path.resolve(name) : name)
}
