import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class MemoryForget extends LlmrCommand {
  static override summary = 'Forget a conversation, or everything that somebody said.'
  static override description =
    'Takes it out of the store with all that was made of it: replies, tool calls, files, vectors, summaries, events that ' +
    'wait in its tables; of a principal also stored responses. There is no way back. Backups, exports and what NATS keeps ' +
    '(events for 72 hours, dead letters for 30 days) are out of reach; what comes from there later is not kept again.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 019a6f0e-5b7c-7d2a-9c41-0d9f5d0b2a11',
    '<%= config.bin %> <%= command.id %> --principal alice',
  ]
  static override args = { conversation: Args.string({ description: 'Id of a conversation.' }) }
  static override flags = {
    principal: Flags.string({ summary: 'Everything of theirs.', helpValue: 'NAME' }),
    tenant: Flags.string({ summary: 'Only within this tenant.', helpValue: 'NAME' }),
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemoryForget)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatForgotten } = await import('../../src/cli/format-memory.ts')
    const { readForgotten } = await import('../../src/cli/read-memory.ts')

    const { principal, tenant } = flags
    const { conversation } = args
    if ((conversation === undefined) === (principal === undefined)) {
      throw new CliError('Expected the id of a conversation or --principal, and not both.', {
        code: 'invalid_flag',
        exitCode: 2,
      })
    }
    const body = JSON.stringify({ conversation, principal, tenant })
    const reply = await askRunningGateway({ ...flags, path: 'memory/forget', method: 'POST', body, timeoutMs: 600_000 })
    const forgotten = readForgotten(reply)
    if (forgotten.conversations === 0 && forgotten.responses === 0 && forgotten.events === 0) {
      throw new CliError('There was nothing to forget.', {
        code: 'nothing_found',
        nextSteps: ['`llmr memory search` shows the ids of conversations, and whose they are.'],
      })
    }
    this.log(formatForgotten(forgotten))
    this.logToStderr('Out of reach: backups and exports, and what NATS keeps of it (72 hours; dead letters 30 days).')
    return forgotten
  }
}
