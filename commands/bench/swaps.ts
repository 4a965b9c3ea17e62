import { Flags } from '@oclif/core'

import type { FormatTable } from '../../src/bench/swaps/format-swaps.ts'
import type { SwapBenchReport } from '../../src/bench/swaps/run-swap-bench.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class BenchSwaps extends LlmrCommand {
  static override summary = 'Measure what a swap costs on this machine.'
  static override description =
    'Starts a gateway of its own with the profiles of the configuration, has them swap in turn, and takes each swap apart: ' +
    "what is the engine's time, what is llmr's own, and how near the load comes to what the disk can do. The times are kept " +
    'in the data folder, so that the scheduler starts with measured ones. Stop a running gateway first: its models hold ' +
    'the memory.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --models coder,qwen3-8b --repeat 3 --warm',
    '<%= config.bin %> <%= command.id %> --markdown > swaps.md',
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
    repeat: Flags.integer({ summary: 'Swaps to each model, warm and cold each.', default: 5, min: 1, max: 1000 }),
    cold: Flags.boolean({ summary: 'Only with files out of the page cache.', exclusive: ['warm'] }),
    warm: Flags.boolean({ summary: 'Only with files in the page cache.', exclusive: ['cold'] }),
    timeout: Flags.string({ summary: 'A swap that takes longer has failed.', default: '10m' }),
    markdown: Flags.boolean({ summary: 'Print tables as Markdown.' }),
  }

  async run(): Promise<SwapBenchReport> {
    const { flags } = await this.parse(BenchSwaps)
    const { openSwapBench } = await import('../../src/bench/swaps/open-swap-bench.ts')
    const { runSwapBench } = await import('../../src/bench/swaps/run-swap-bench.ts')
    const { formatSwaps } = await import('../../src/bench/swaps/format-swaps.ts')
    const { watchSwaps } = await import('../../src/bench/swaps/watch-swaps.ts')
    const { explainStart } = await import('../../src/cli/explain-start.ts')
    const { untilInterrupted } = await import('../../src/cli/until-interrupted.ts')
    const timeoutMs = await durationOf('--timeout', flags.timeout)
    const watcher = await watchSwaps(process.stdout, {
      isPlain: this.jsonEnabled() || flags.markdown,
      print: (line) => this.logToStderr(line),
    })
    try {
      const report = await untilInterrupted(async (signal) =>
        runSwapBench({
          ...(await openSwapBench(flags)),
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
    } catch (error) {
      throw explainStart(error, {})
    } finally {
      watcher.close()
    }
  }
}

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
