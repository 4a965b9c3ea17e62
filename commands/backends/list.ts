import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class BackendsList extends LlmrCommand {
  static override summary = 'Show the backends of the running gateway and how they are.'
  static override description =
    'One line a backend: whether it can be used and why not, what it is, how much it has to do. `llmr backends probe` ' +
    'looks closer, and needs no running gateway.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BackendsList)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { formatBackends, readBackends } = await import('../../src/cli/format-backends.ts')

    const backends = readBackends(await askRunningGateway({ ...flags, path: 'backends' }))
    if (backends.length === 0) this.logToStderr('The gateway has no backends.')
    else this.log(formatBackends(backends))
    return { backends }
  }
}
