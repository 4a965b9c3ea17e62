import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class KeysRevoke extends LlmrCommand {
  static override summary = 'Take an API key back.'
  static override description =
    'Requests in flight finish; the next one with this key is refused. A running gateway notices by itself.'
  static override examples = ['<%= config.bin %> <%= command.id %> alice']
  static override args = { name: Args.string({ required: true, description: 'Name of the key.' }) }
  static override flags = {
    data: gatewayFlags.data,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(KeysRevoke)
    const { keysFile, readKeys, revokeKey } = await import('../../src/config/keys-file.ts')
    const { keysFailure } = await import('../../src/cli/keys-failure.ts')
    const { dataDirectory, processSurroundings } = await import('../../src/config/locations.ts')

    const file = keysFile(flags.data ?? dataDirectory(processSurroundings()))
    await revokeKey(file, args.name).catch(keysFailure)
    const remaining = (await readKeys(file)).length

    this.logToStderr(`The key of "${args.name}" is revoked.`)
    if (remaining === 0) {
      this.logToStderr(
        'It was the last one here. Unless llmr.yaml has keys, auth.jwt or auth.required: true, auth is off now: every ' +
          'program on this machine may use the gateway.',
      )
    }
    return { name: args.name, file, remaining }
  }
}
