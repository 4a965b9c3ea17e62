import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class StoreRestore extends LlmrCommand {
  static override summary = 'Put a backup back into an empty store.'
  static override description =
    'All of it or nothing, into the embedded database or a PostgreSQL server, whichever it came from. A backup of an ' +
    'older llmr is brought up to date; a store that holds something is left alone.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> llmr.jsonl.gz',
    '<%= config.bin %> <%= command.id %> llmr.jsonl.gz --data /srv/llmr',
  ]
  static override args = { file: Args.string({ required: true, description: 'What `llmr store backup` wrote.' }) }
  static override flags = { config: configFlag, data: gatewayFlags.data }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(StoreRestore)
    const { storeFailure } = await import('../../src/cli/store-failure.ts')
    const { withStore } = await import('../../src/gateway/operating/with-store.ts')
    const { restoreBackup } = await import('../../src/store/backup/restore-backup.ts')
    const { readMigrations } = await import('../../src/store/migrations/migration-files.ts')

    return withStore(flags, async (database) => {
      const options = { file: args.file, known: await readMigrations(), llmrVersion: this.config.version }
      const rows = await restoreBackup(database, options)
      this.log(`${Object.values(rows).reduce((sum, count) => sum + count, 0)} rows are in ${database.place}.`)
      return { file: args.file, place: database.place, rows }
    }).catch(storeFailure)
  }
}
