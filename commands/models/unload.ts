import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ModelsUnload extends LlmrCommand {
  static override summary = 'Take a model out of memory, or all.'
  static override description = 'What is at work ends first. Returns when the memory is free.'
  static override examples = ['<%= config.bin %> models unload qwen3-8b']
  static override args = { model: Args.string({ description: 'Profile; all when left out.' }) }
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ModelsUnload)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const body = JSON.stringify({ model: args.model })
    await askRunningGateway({ ...flags, path: 'models/unload', method: 'POST', body, timeoutMs: 900_000 })
    this.log(`${args.model ?? 'Every model'} is unloaded.`)
    return { model: args.model }
  }
}
