import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class KeysList extends LlmrCommand {
  static override summary = 'List the API keys of the data folder.'
  static override description =
    'What each may do and until when. The keys themselves are kept nowhere. Keys in llmr.yaml (auth.keys) are not listed.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = {
    data: gatewayFlags.data,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(KeysList)
    const { formatKeys, shownKey } = await import('../../src/cli/format-keys.ts')
    const { keysFile, readKeys } = await import('../../src/config/keys-file.ts')
    const { keysFailure } = await import('../../src/cli/keys-failure.ts')
    const { dataDirectory, processSurroundings } = await import('../../src/config/locations.ts')

    const file = keysFile(flags.data ?? dataDirectory(processSurroundings()))
    const keys = (await readKeys(file).catch(keysFailure)).map(shownKey)
    if (keys.length === 0) this.logToStderr(`There are no keys in ${file}. \`llmr keys create NAME\` makes one.`)
    else this.log(formatKeys(keys, Date.now()))
    return { file, keys }
  }
}
