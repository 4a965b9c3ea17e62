import { Flags } from '@oclif/core'

import type { GatewayBenchReport } from '../../src/bench/gateway/run-gateway-bench.ts'
import { LlmrCommand } from '../../src/cli/command.ts'

export default class BenchGateway extends LlmrCommand {
  static override summary = 'Measure what the gateway costs on this machine.'

  static override description =
    'Sends the same load to a canned backend directly, through the least a proxy can do (the floor), and through llmr with a ' +
    'key, metrics and the access log on. Prints throughput, added latency, CPU time for each request and streamed event, ' +
    'memory, and where the time goes. Starts and ends every process it needs; nothing leaves this machine. Takes about ten ' +
    'minutes and, for the access log, up to 500 MB in the temporary folder; --quick is a fifth of both.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> --quick',
    '<%= config.bin %> <%= command.id %> --only json-1k --only stages',
    '<%= config.bin %> <%= command.id %> --json > before.json',
    '<%= config.bin %> <%= command.id %> --from anthropic --to openai-chat',
  ]

  static override flags = {
    quick: Flags.boolean({ summary: 'Fewer cases, rounds and requests.' }),
    only: Flags.string({
      multiple: true,
      summary: 'Only cases whose name contains this; also memory, stages. May be repeated.',
      helpValue: 'CASE',
    }),
    from: Flags.option({
      options: ['anthropic', 'responses', 'ollama'] as const,
      summary: 'Only what it costs to translate for clients of this dialect, against the same replies passed through.',
    })(),
    to: Flags.option({
      options: ['openai-chat'] as const,
      summary: 'What the engine is asked in.',
      dependsOn: ['from'],
    })(),
    duration: Flags.integer({
      summary: 'Milliseconds of load in one window.',
      min: 100,
      max: 600_000,
      helpValue: 'MS',
    }),
  }

  async run(): Promise<GatewayBenchReport> {
    const { flags } = await this.parse(BenchGateway)
    const { runGatewayBench } = await import('../../src/bench/gateway/run-gateway-bench.ts')
    const { formatReport } = await import('../../src/bench/gateway/report.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const report = await runGatewayBench({
      isQuick: flags.quick,
      durationMs: flags.duration ?? (flags.quick ? 500 : 2000),
      only: flags.only ?? [],
      from: flags.from,
      onProgress: (words) => this.logToStderr(words),
    })
    this.log(formatReport(report, formatTable))
    return report
  }
}
