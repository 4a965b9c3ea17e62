import { Args } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { gatewayFlags } from '../src/cli/gateway-flags.ts'

export default class Logs extends LlmrCommand {
  static override summary = "Show the last lines of an engine's own output."
  static override examples = ['<%= config.bin %> logs qwen3-8b']
  static override args = { model: Args.string({ required: true, description: 'Profile.' }) }
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Logs)
    const { askRunningGateway } = await import('../src/gateway/operating/ask-running-gateway.ts')
    const reply = await askRunningGateway({ ...flags, path: `logs?model=${encodeURIComponent(args.model)}` })
    const { lines } = reply as { lines: readonly { readonly text: string }[] }
    for (const { text } of lines) this.log(text)
    return { model: args.model, lines }
  }
}
