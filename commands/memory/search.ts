import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class MemorySearch extends LlmrCommand {
  static override summary = 'Find what was said in the conversations that are kept.'
  static override description =
    'By words: rounds with any of them, those with most first. Exits with 1 when nothing is found.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> 'boiler invoice' --principal alice",
    { description: 'For a script', command: '<%= config.bin %> <%= command.id %> boiler --json' },
  ]
  static override args = { text: Args.string({ required: true, description: 'Words to look for.' }) }
  static override flags = {
    principal: Flags.string({ summary: 'Only what was said by them.', helpValue: 'NAME' }),
    tenant: Flags.string({ summary: 'Only within this tenant.', helpValue: 'NAME' }),
    most: Flags.integer({ summary: 'Rounds to show at most.', default: 20, min: 1, max: 1_000, helpValue: 'N' }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemorySearch)
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatFound } = await import('../../src/cli/format-memory.ts')
    const { storeFailure } = await import('../../src/cli/store-failure.ts')
    const { withRecords } = await import('../../src/gateway/operating/source/with-source.ts')

    const { principal, tenant, most } = flags
    const found = await withRecords({ ...flags, version: this.config.version }, (records) =>
      records.search({ text: args.text, principal, tenant, most }),
    ).catch(storeFailure)
    if (found.length === 0) {
      throw new CliError('Nothing is kept in which these words stand.', {
        code: 'nothing_found',
        nextSteps: ['Conversations are kept where memory is on, some seconds after their replies.'],
      })
    }
    this.log(formatFound(found))
    return { found }
  }
}
