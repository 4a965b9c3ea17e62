import { Flags } from '@oclif/core'
import type { Interfaces } from '@oclif/core'

import type { ReplayBenchReport } from '../../src/bench/replay/run-replay-bench.ts'
import type { FormatTable } from '../../src/bench/swaps/format-swaps.ts'
import type { SwapBenchReport } from '../../src/bench/swaps/run-swap-bench.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'
import { hostFlags, maxWaitFlag, modelFlags, policyFlag } from '../../src/cli/scenario-flags.ts'

export default class BenchSwaps extends LlmrCommand {
  static override summary = 'Measure what a swap costs on this machine.'
  static override description =
    'Starts a gateway of its own with the profiles of the configuration, has them swap in turn, and takes each swap apart: ' +
    "what is the engine's time, what is llmr's own, and how near the load comes to what the disk can do. The times are kept " +
    'in the data folder, so that the scheduler starts with measured ones. Stop a running gateway first: its models hold ' +
    'the memory.\n\nWith --replay a recorded workload is played to a whole gateway over simulated engines, policy by ' +
    'policy, and beside it in simulated time: waits, swaps, who was overtaken, how far it is from the least wait there ' +
    'could be. No profile is touched.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --models coder,qwen3-8b --repeat 3 --warm',
    '<%= config.bin %> <%= command.id %> --markdown > swaps.md',
    {
      description: 'The busiest ten minutes of a log, ten times as fast',
      command: '<%= config.bin %> <%= command.id %> --replay llmr.log --slice 10m --size coder=16GB',
    },
  ]
  static override flags = {
    config: configFlag,
    data: gatewayFlags.data,
    models: Flags.string({
      summary: 'Profiles to swap, two or more; all by default.',
      multiple: true,
      delimiter: ',',
      default: [],
      helpValue: 'NAME',
    }),
    repeat: Flags.integer({
      summary: 'Swaps to each model, warm and cold each.',
      default: 5,
      min: 1,
      max: 1000,
      helpValue: 'N',
    }),
    cold: Flags.boolean({ summary: 'Only with files out of the page cache.', exclusive: ['warm'] }),
    warm: Flags.boolean({ summary: 'Only with files in the page cache.', exclusive: ['cold'] }),
    timeout: Flags.string({ summary: 'A swap that takes longer has failed.', default: '10m', helpValue: 'DURATION' }),
    markdown: Flags.boolean({ summary: 'Print tables as Markdown.' }),
    replay: Flags.string({
      summary: "A trace, or llmr's own log, to play instead; - for stdin.",
      helpGroup: 'REPLAY',
      helpValue: 'FILE',
      exclusive: ['models', 'cold', 'warm'],
    }),
    policy: policyFlag,
    speed: Flags.integer({
      summary: 'Simulated seconds in a real one.',
      description: 'Faster than 20, starting the processes takes longer than the loads they stand for.',
      default: 10,
      min: 1,
      max: 100,
      helpGroup: 'REPLAY',
      helpValue: 'N',
    }),
    slice: Flags.string({
      summary: 'Only the busiest stretch of this length.',
      helpGroup: 'REPLAY',
      helpValue: 'DURATION',
    }),
    rate: Flags.string({
      summary: 'Arrivals so many times as close as recorded.',
      default: '1',
      helpGroup: 'REPLAY',
      helpValue: 'NUMBER',
    }),
    floor: Flags.boolean({
      summary: 'Look for the mean wait that no order can go below.',
      default: true,
      allowNo: true,
      helpGroup: 'REPLAY',
    }),
    'max-wait': maxWaitFlag,
    vram: Flags.string({ summary: 'VRAM for models.', default: '24GB', helpGroup: 'HOST', helpValue: 'SIZE' }),
    ...hostFlags,
    ...modelFlags,
  }

  async run(): Promise<SwapBenchReport | ReplayBenchReport> {
    const { flags } = await this.parse(BenchSwaps)
    const { explainStart } = await import('../../src/cli/explain-start.ts')
    try {
      return await (flags.replay === undefined ? this.#measure(flags) : this.#replay(flags.replay, flags))
    } catch (error) {
      throw explainStart(error, {})
    }
  }

  async #measure(flags: BenchFlags): Promise<SwapBenchReport> {
    const { openSwapBench } = await import('../../src/bench/swaps/open-swap-bench.ts')
    const { runSwapBench } = await import('../../src/bench/swaps/run-swap-bench.ts')
    const { formatSwaps } = await import('../../src/bench/swaps/format-swaps.ts')
    const { watchSwaps } = await import('../../src/bench/swaps/watch-swaps.ts')
    const { untilInterrupted } = await import('../../src/cli/until-interrupted.ts')
    const timeoutMs = await durationOf('--timeout', flags.timeout)
    const opened = await openSwapBench(flags)
    const watcher = await watchSwaps(process.stdout, this.#quietly(flags))
    try {
      const report = await untilInterrupted((signal) =>
        runSwapBench({
          ...opened,
          models: flags.models,
          repeats: flags.repeat,
          temperatures: flags.cold ? ['cold'] : flags.warm ? ['warm'] : ['cold', 'warm'],
          timeoutMs,
          signal,
          watcher,
        }),
      )
      watcher.close()
      this.log(formatSwaps(report, await tableFormat(flags)))
      return report
    } finally {
      watcher.close()
    }
  }

  /** Another shape than that of swaps, so its JSON has a schema of its own. */
  async #replay(file: string, flags: BenchFlags): Promise<ReplayBenchReport & { readonly schema: string }> {
    const { policyNamed } = await import('../../src/bench/replay/policy-named.ts')
    const { runReplayBench } = await import('../../src/bench/replay/run-replay-bench.ts')
    const { formatReplay } = await import('../../src/bench/replay/format-replay.ts')
    const { watchReplay } = await import('../../src/bench/replay/watch-replay.ts')
    const { replayScenario } = await import('../../src/bench/replay/scenario-of.ts')
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { untilInterrupted } = await import('../../src/cli/until-interrupted.ts')
    const scenario = replayScenario(await readInput(file), flags)
    const policies = await Promise.all(flags.policy.map(policyNamed))
    const sliceMs = flags.slice === undefined ? undefined : await durationOf('--slice', flags.slice)
    const watcher = await watchReplay(process.stdout, this.#quietly(flags))
    try {
      const report = await untilInterrupted((signal) =>
        runReplayBench({
          scenario,
          policies,
          speed: flags.speed,
          ...(sliceMs !== undefined && { sliceMs }),
          floorIterations: flags.floor ? floorRounds : 0,
          signal,
          watcher,
        }),
      )
      watcher.close()
      this.log(formatReplay(report, await tableFormat(flags)))
      return { schema: 'llmr/bench-swaps-replay/1', ...report }
    } finally {
      watcher.close()
    }
  }

  #quietly({ markdown }: { readonly markdown: boolean }) {
    return { isPlain: this.jsonEnabled() || markdown, print: (line: string) => this.logToStderr(line) }
  }
}

type BenchFlags = Interfaces.InferredFlags<typeof BenchSwaps.flags>

/** Of the search for the least wait: what `llmr sim swaps` does by default. */
const floorRounds = 150

async function tableFormat({ markdown }: { readonly markdown: boolean }): Promise<FormatTable> {
  if (markdown) return (await import('../../src/cli/markdown-table.ts')).formatMarkdownTable
  return (await import('../../src/cli/table.ts')).formatTable
}

async function durationOf(name: string, written: string): Promise<number> {
  const { duration } = await import('../../src/config/units.ts')
  const { CliError } = await import('../../src/cli/cli-error.ts')
  const read = duration.safeParse(written)
  if (read.success) return read.data
  throw new CliError(`${name}: ${read.error.issues[0]?.message}; got ${written}.`, {
    code: 'invalid_flag',
    exitCode: 2,
  })
}
