import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class MemoryShow extends LlmrCommand {
  static override summary = 'Show a conversation that is kept, branch by branch.'
  static override description =
    'What was said stands in it: this is for its owner, or for the operator on their behalf. A key of one tenant is shown ' +
    'nothing of another.'
  static override examples = [
    {
      description: 'The id comes in the reply headers x-llmr-conversation, x-request-id and x-correlation-id',
      command: '<%= config.bin %> <%= command.id %> 019a6f0e-5b7c-7d2a-9c41-0d9f5d0b2a11',
    },
  ]
  static override args = {
    id: Args.string({
      required: true,
      description:
        'Id of a conversation or the name that its client gave it, id of a request in it, or a correlation id.',
    }),
  }
  static override flags = {
    tenant: Flags.string({ summary: 'Only within this tenant.', helpValue: 'NAME' }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemoryShow)
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatConversation } = await import('../../src/cli/format-memory.ts')
    const { storeFailure } = await import('../../src/cli/store-failure.ts')
    const { withRecords } = await import('../../src/gateway/operating/source/with-source.ts')

    const { tenant } = flags
    const conversations = await withRecords({ ...flags, version: this.config.version }, (records) =>
      records.show(args.id, { tenant }),
    ).catch(storeFailure)
    if (conversations.length === 0) {
      throw new CliError(`Nothing is kept under ${args.id}.`, {
        code: 'conversation_not_found',
        nextSteps: [
          'Conversations are kept where memory is on, some seconds after their replies.',
          '`llmr memory search WORDS` shows the ids of conversations.',
        ],
      })
    }
    this.log(conversations.map(formatConversation).join('\n\n'))
    return { conversations }
  }
}
