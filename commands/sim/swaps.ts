import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { hostFlags, maxWaitFlag, modelFlags, policyFlag } from '../../src/cli/scenario-flags.ts'
import type { ComparedPolicy } from '../../src/sim/swaps/compare-policies.ts'
import type { Scenario } from '../../src/sim/swaps/read-scenario.ts'

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
    policy: policyFlag,
    'max-wait': maxWaitFlag,
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
    ...hostFlags,
    'prefix-cache': Flags.option({
      summary: "What a session's next turn finds of its prompt.",
      default: 'warm',
      options: ['warm', 'restore', 'none'] as const,
      helpGroup: 'HOST',
    })(),
    ...modelFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(SimSwaps)
    const { scenarioOf } = await import('../../src/bench/replay/scenario-of.ts')
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const { comparePolicies } = await import('../../src/sim/swaps/compare-policies.ts')
    const { formatComparison } = await import('../../src/sim/swaps/format-comparison.ts')

    const scenario = scenarioOf(await readInput(args.trace), flags)
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

async function policiesNamed(
  names: readonly string[],
  { models, maxWaitMs }: Scenario,
): Promise<readonly ComparedPolicy[]> {
  const { policyNamed } = await import('../../src/bench/replay/policy-named.ts')
  const { createScheduler } = await import('../../src/scheduling/scheduler.ts')
  const { replaySettings } = await import('../../src/sim/swaps/replay-settings.ts')
  const policies = await Promise.all(names.map(policyNamed))
  return policies.map((policy) => ({
    name: policy.name,
    createScheduler: (host) => createScheduler({ ...replaySettings(models, host), policy, maxWaitMs, classLimits: {} }),
  }))
}
