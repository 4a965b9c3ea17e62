import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { workerFlags } from '../../src/cli/worker-flags.ts'

export default class WorkerSummarise extends LlmrCommand {
  static override summary = 'Condense long conversations.'
  static override description =
    'Writes summaries of conversations that are longer than memory.summaries.above, by the model of memory.summaries, for ' +
    'what recall has no room to give back word for word. What was said stays as it is. While the model cannot be had, ' +
    'everything waits and nothing is lost. A gateway without NATS does this itself. SIGTERM ends it; what it was at is ' +
    'done by the next.'
  static override examples = [
    {
      description: 'Until it is told to stop',
      command:
        'DATABASE_URL=postgres://llmr@db/llmr NATS_URL=nats://nats:4222 <%= config.bin %> <%= command.id %> --port 9466',
    },
    { description: 'Until nothing is left', command: '<%= config.bin %> <%= command.id %> --once' },
  ]
  static override flags = {
    ...workerFlags,
    batch: Flags.integer({
      summary: 'Conversations looked at in one go.',
      default: 16,
      min: 1,
      max: 1000,
      helpValue: 'N',
    }),
    concurrency: Flags.integer({
      summary: 'Goes at once, each with one question to the model.',
      default: 1,
      min: 1,
      max: 64,
      helpValue: 'N',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(WorkerSummarise)
    const { summariseWorkerOf } = await import('../../workers/worker-set.ts')
    const { runWorkerCommand } = await import('../../src/worker/run-worker-command.ts')

    return runWorkerCommand(this, { flags, define: summariseWorkerOf, needs: 'memory.summaries', unit: 'events' })
  }
}
