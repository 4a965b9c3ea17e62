import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class MemorySearch extends LlmrCommand {
  static override summary = 'Find what was said in the conversations that are kept.'
  static override description =
    'By words: rounds with any of them, those with most first. Exits with 1 when nothing is found.'
  static override examples = ["<%= config.bin %> <%= command.id %> 'boiler invoice' --principal alice"]
  static override args = { text: Args.string({ required: true, description: 'Words to look for.' }) }
  static override flags = {
    principal: Flags.string({ summary: 'Only what was said by them.', helpValue: 'NAME' }),
    most: Flags.integer({ summary: 'Rounds to show at most.', default: 20, min: 1, max: 1_000, helpValue: 'N' }),
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MemorySearch)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { formatFound } = await import('../../src/cli/format-memory.ts')
    const { readFound } = await import('../../src/cli/read-memory.ts')

    const { principal, most } = flags
    const query = new URLSearchParams({
      q: args.text,
      most: String(most),
      ...(principal !== undefined && { principal }),
    })
    const found = readFound(await askRunningGateway({ ...flags, path: `memory/search?${query.toString()}` }))
    if (found.length === 0) throw new CliError('Nothing is kept in which these words stand.', { code: 'nothing_found' })
    this.log(formatFound(found))
    return { found }
  }
}
