import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

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
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemoryShow)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatConversation } = await import('../../src/cli/format-memory.ts')
    const { readConversations } = await import('../../src/cli/read-memory.ts')

    const reply = await askRunningGateway({ ...flags, path: `memory/show?id=${encodeURIComponent(args.id)}` })
    const conversations = readConversations(reply)
    if (conversations.length === 0) {
      throw new CliError(`Nothing is kept under ${args.id}.`, {
        code: 'conversation_not_found',
        nextSteps: ['It is kept where memory is on; `llmr memory search` looks for words.'],
      })
    }
    this.log(conversations.map(formatConversation).join('\n\n'))
    return { conversations }
  }
}
