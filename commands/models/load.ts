import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ModelsLoad extends LlmrCommand {
  static override summary = 'Bring a model into memory.'
  static override description =
    'In turn, like a request: what runs is not cut off, and what must leave for it leaves when it is idle. Returns when the model is ready.'
  static override examples = ['<%= config.bin %> models load qwen3-8b']
  static override args = { model: Args.string({ required: true, description: 'Profile.' }) }
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ModelsLoad)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const body = JSON.stringify({ model: args.model })
    await askRunningGateway({ ...flags, path: 'models/load', method: 'POST', body, timeoutMs: 900_000 })
    this.log(`${args.model} is loaded.`)
    return { model: args.model }
  }
}
