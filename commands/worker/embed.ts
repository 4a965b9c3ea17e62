import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { workerFlags } from '../../src/cli/worker-flags.ts'

export default class WorkerEmbed extends LlmrCommand {
  static override summary = 'Make what was said findable by its meaning.'
  static override description =
    'Gives each round of a conversation, once it is kept, a vector by the model of memory.embeddings; what was kept before ' +
    'there was that model is done first. While the model cannot be had, everything waits and nothing is lost. Several may ' +
    'run at once. A gateway without NATS does this itself. SIGTERM ends it; what it was at is done by the next.'
  static override examples = [
    {
      description: 'Until it is told to stop',
      command:
        'DATABASE_URL=postgres://llmr@db/llmr NATS_URL=nats://nats:4222 <%= config.bin %> <%= command.id %> --port 9465',
    },
    { description: 'Until nothing is left', command: '<%= config.bin %> <%= command.id %> --once' },
  ]
  static override flags = {
    ...workerFlags,
    batch: Flags.integer({ summary: 'Rounds in one go.', default: 64, min: 1, max: 1000, helpValue: 'N' }),
    concurrency: Flags.integer({ summary: 'Goes at once.', default: 1, min: 1, max: 64, helpValue: 'N' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(WorkerEmbed)
    const { embedWorkerOf } = await import('../../workers/worker-set.ts')
    const { runWorkerCommand } = await import('../../src/worker/run-worker-command.ts')

    return runWorkerCommand(this, { flags, define: embedWorkerOf, needs: 'memory.embeddings', unit: 'rounds' })
  }
}
