import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ModelsList extends LlmrCommand {
  static override summary = 'List the models that llmr starts itself, and how they stand.'
  static override description =
    'Those of the profiles: which are in memory, which are at work, who waits for which, and what is swapped just now. ' +
    'What all backends have is `llmr backends list`.'
  static override examples = ['<%= config.bin %> models list', '<%= config.bin %> models list --json']
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ModelsList)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { formatModels } = await import('../../src/cli/format-models.ts')
    const queue = await askRunningGateway({ ...flags, path: 'queue' })
    this.log(formatModels(queue))
    return { queue }
  }
}
