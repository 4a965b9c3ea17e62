import { Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { configFlag } from '../src/cli/config-flag.ts'
import { gatewayFlags } from '../src/cli/gateway-flags.ts'

export default class Migrate extends LlmrCommand {
  static override summary = "Bring the store's schema up to date."
  static override description =
    'The gateway does so itself when it opens the store, unless store.auto_migrate is false. All of it or nothing, and ' +
    'safe when several run at once. --status applies nothing, and exits with 3 unless every migration is applied.'
  static override examples = [
    { description: 'What the database has behind it', command: '<%= config.bin %> <%= command.id %> --status' },
    {
      description: 'As a user that may change the schema',
      command: 'DATABASE_URL=postgres://owner@db/llmr <%= config.bin %> <%= command.id %>',
    },
  ]
  static override flags = {
    status: Flags.boolean({ summary: 'Only say what was applied and what is missing.' }),
    config: configFlag,
    data: gatewayFlags.data,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Migrate)
    const { formatMigrations } = await import('../src/cli/format-migrations.ts')
    const { storeFailure } = await import('../src/cli/store-failure.ts')
    const { withStore } = await import('../src/gateway/operating/with-store.ts')
    const { describeMigrations } = await import('../src/store/migrations/describe-migrations.ts')
    const { appliedMigrations, migrate } = await import('../src/store/migrations/migrate.ts')
    const { readMigrations } = await import('../src/store/migrations/migration-files.ts')

    const known = await readMigrations()
    return withStore({ ...flags, isKept: flags.status }, async (database) => {
      const added = flags.status ? [] : await migrate(database, { known, llmrVersion: this.config.version })
      const migrations = describeMigrations({ known, applied: await appliedMigrations(database) })
      const { engine, version, place } = database
      this.log(formatMigrations(migrations))
      this.logToStderr(`${added.length} applied now. The store is ${place} (${engine} ${version}).`)
      if (migrations.some(({ state }) => state !== 'applied')) this.foundSomething()
      return { engine, version, place, applied_now: added.map(({ name }) => name), migrations }
    }).catch(storeFailure)
  }
}
