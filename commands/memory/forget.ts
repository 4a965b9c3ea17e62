import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class MemoryForget extends LlmrCommand {
  static override summary = 'Forget a conversation, or everything that somebody said.'
  static override description =
    'Takes it out of the store with all that was made of it: replies, tool calls, files, vectors, summaries, events that ' +
    'wait in its tables; of a principal also stored responses. Says what that is and asks first. There is no way back. ' +
    'Backups, exports and what NATS keeps (events for 72 hours, dead letters for 30 days) are out of reach; what ' +
    'comes back from there is not kept again. Exits with 1 when there is nothing to forget.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 019a6f0e-5b7c-7d2a-9c41-0d9f5d0b2a11',
    {
      description: 'What it would be',
      command: '<%= config.bin %> <%= command.id %> --principal alice --dry-run',
    },
    {
      description: 'In a script, where nobody can be asked',
      command: '<%= config.bin %> <%= command.id %> --principal alice --yes',
    },
  ]
  static override args = { conversation: Args.string({ description: 'Id of a conversation.' }) }
  static override flags = {
    principal: Flags.string({ summary: 'Everything of theirs.', helpValue: 'NAME' }),
    tenant: Flags.string({ summary: 'Only within this tenant.', helpValue: 'NAME' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Say what it would be, and forget nothing.', default: false }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemoryForget)
    const { confirm } = await import('../../src/cli/confirm.ts')
    const { forgetWish, somethingOf } = await import('../../src/cli/forget-wish.ts')
    const { formatForgotten } = await import('../../src/cli/format-memory.ts')
    const { storeFailure } = await import('../../src/cli/store-failure.ts')
    const { withRecords } = await import('../../src/gateway/operating/source/with-source.ts')

    const wish = forgetWish({ conversation: args.conversation, principal: flags.principal, tenant: flags.tenant })
    const isDryRun = flags['dry-run']
    const forgotten = await withRecords({ ...flags, version: this.config.version }, async (records) => {
      if (isDryRun || !flags.yes) {
        const trial = somethingOf(await records.forget({ ...wish, isTrial: true }))
        if (isDryRun) return trial
        await confirm(`Forget ${formatForgotten(trial)}`)
      }
      return somethingOf(await records.forget(wish))
    }).catch(storeFailure)
    this.log(`${isDryRun ? 'Would be forgotten' : 'Forgotten'}: ${formatForgotten(forgotten)}.`)
    this.logToStderr('Out of reach: backups and exports, and what NATS keeps of it (72 hours; dead letters 30 days).')
    return { ...forgotten, is_dry_run: isDryRun }
  }
}
