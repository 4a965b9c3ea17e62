import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class StoreBackup extends LlmrCommand {
  static override summary = 'Write everything the gateway remembers to a file.'
  static override description =
    'JSON lines, compressed when the name ends in .gz, as the store stands at one moment. A PostgreSQL server goes on ' +
    'serving meanwhile; the embedded database serves one process at a time, so its gateway has to be stopped.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> llmr.jsonl.gz',
    {
      description: 'From the embedded database to a PostgreSQL server',
      command:
        '<%= config.bin %> <%= command.id %> llmr.jsonl.gz && DATABASE_URL=postgres://llmr@db/llmr <%= config.bin %> store restore llmr.jsonl.gz',
    },
  ]
  static override args = { file: Args.string({ required: true, description: 'Where to; replaced if it is there.' }) }
  static override flags = { config: configFlag, data: gatewayFlags.data }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(StoreBackup)
    const { storeFailure } = await import('../../src/cli/store-failure.ts')
    const { systemClock } = await import('../../src/core/clock.ts')
    const { withStore } = await import('../../src/gateway/operating/with-store.ts')
    const { writeBackup } = await import('../../src/store/backup/write-backup.ts')

    return withStore({ ...flags, isKept: true }, async (database) => {
      const options = { file: args.file, llmrVersion: this.config.version, clock: systemClock }
      const rows = await writeBackup(database, options)
      this.log(args.file)
      this.logToStderr(`${Object.values(rows).reduce((sum, count) => sum + count, 0)} rows of ${database.place}.`)
      return { file: args.file, place: database.place, rows }
    }).catch(storeFailure)
  }
}
