import { Flags } from '@oclif/core'

import type { AgentBenchReport } from '../../src/bench/agents/run-agent-bench.ts'
import { LlmrCommand } from '../../src/cli/command.ts'

export default class BenchAgents extends LlmrCommand {
  static override summary = 'Let an agent do twenty small tasks with a weak model, alone and through llmr.'
  static override description =
    'Without --backend the model is a scripted one in the simulated engine, with one bad habit for each task: what is done ' +
    'about it, and whether it helps, is in the table. With --backend and --model the same tasks are given to a model of yours, ' +
    'directly and through a gateway that is started for it: the files are made up, and nothing on this machine is touched.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Does llmr help a model of yours?',
      command: '<%= config.bin %> <%= command.id %> --backend http://127.0.0.1:8080 --model qwen3-4b',
    },
  ]
  static override flags = {
    backend: Flags.string({ summary: 'Address of an engine.', helpValue: 'URL', dependsOn: ['model'] }),
    model: Flags.string({ summary: 'Its name for the model.', helpValue: 'NAME', dependsOn: ['backend'] }),
    lane: Flags.string({
      summary:
        'How tools reach the model through llmr, as toolcalls.lane says it. Default: auto, checked for the scripted one.',
      helpValue: 'LANE',
    }),
    random: Flags.integer({
      summary: 'Tasks of models that draw what they do wrong, in place of the twenty.',
      helpValue: 'N',
      min: 1,
      max: 10_000,
      exclusive: ['backend'],
    }),
    seed: Flags.integer({ summary: 'The first of their seeds.', default: 1, helpValue: 'N', dependsOn: ['random'] }),
    turns: Flags.integer({
      summary: 'Turns after which the agent gives up.',
      default: 20,
      min: 1,
      max: 200,
      helpValue: 'N',
    }),
    timeout: Flags.integer({
      summary: 'Seconds for one reply.',
      default: 120,
      min: 1,
      max: 3_600,
      helpValue: 'SECONDS',
    }),
    markdown: Flags.boolean({ summary: 'Print a table for a page.' }),
  }

  async run(): Promise<AgentBenchReport> {
    const { flags } = await this.parse(BenchAgents)
    const { describeTask, formatAgents } = await import('../../src/bench/agents/format-agents.ts')
    const { runAgentBench } = await import('../../src/bench/agents/run-agent-bench.ts')
    const { untilInterrupted } = await import('../../src/cli/until-interrupted.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const { formatMarkdownTable } = await import('../../src/cli/markdown-table.ts')
    const { backend, model, turns: turnsMax, timeout, markdown } = flags
    const own = backend === undefined || model === undefined ? undefined : { url: backend.replace(/\/+$/, ''), model }
    const report = await untilInterrupted((signal) =>
      runAgentBench({
        own,
        lane: flags.lane ?? (own === undefined ? 'checked' : 'auto'),
        random: flags.random === undefined ? undefined : { count: flags.random, seed: flags.seed },
        turnsMax,
        timeoutMs: timeout * 1_000,
        signal,
        onTask: (result) => own && this.logToStderr(describeTask(result)),
      }),
    )
    this.log(formatAgents(report, markdown ? formatMarkdownTable : formatTable))
    return report
  }
}
