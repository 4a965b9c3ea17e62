import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ModelsPin extends LlmrCommand {
  static override summary = 'Keep a model from being put out of memory for a while.'
  static override description =
    'A lease that ends by itself, so that nothing stays for ever because somebody forgot. It does not load the model.'
  static override examples = [
    '<%= config.bin %> models pin qwen3-8b --for 120',
    { description: 'End it', command: '<%= config.bin %> models pin qwen3-8b --for 0' },
  ]
  static override args = { model: Args.string({ required: true, description: 'Profile.' }) }
  static override flags = {
    for: Flags.integer({ summary: 'Minutes; 0 ends the lease.', default: 60, min: 0, helpValue: 'MINUTES' }),
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ModelsPin)
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const body = JSON.stringify({ model: args.model, for_ms: flags.for * 60_000 })
    await askRunningGateway({ url: flags.url, data: flags.data, path: 'models/pin', method: 'POST', body })
    this.log(flags.for === 0 ? `${args.model} may be put out again.` : `${args.model} stays for ${flags.for} minutes.`)
    return { model: args.model, minutes: flags.for }
  }
}
