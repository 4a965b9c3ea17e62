import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { workerFlags } from '../../src/cli/worker-flags.ts'

export default class WorkerPersist extends LlmrCommand {
  static override summary = 'Keep conversations and lineage in the store.'
  static override description =
    'Takes events from NATS (events.url, NATS_URL), or from the tables of the store, and writes what they tell into ' +
    'PostgreSQL. Several may run at once. A gateway without NATS does this itself. SIGTERM lets work in hand end.'
  static override examples = [
    {
      description: 'Until it is told to stop',
      command:
        'DATABASE_URL=postgres://llmr@db/llmr NATS_URL=nats://nats:4222 <%= config.bin %> <%= command.id %> --port 9464',
    },
    { description: 'Until nothing is left', command: '<%= config.bin %> <%= command.id %> --once' },
  ]
  static override flags = {
    ...workerFlags,
    batch: Flags.integer({ summary: 'Events in one transaction.', default: 200, min: 1, max: 1000, helpValue: 'N' }),
    concurrency: Flags.integer({ summary: 'Transactions at once.', default: 1, min: 1, max: 64, helpValue: 'N' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(WorkerPersist)
    const { persistWorkerOf } = await import('../../workers/worker-set.ts')
    const { runWorkerCommand } = await import('../../src/worker/run-worker-command.ts')

    return runWorkerCommand(this, { flags, define: persistWorkerOf, unit: 'events' })
  }
}
