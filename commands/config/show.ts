import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ConfigShow extends LlmrCommand {
  static override summary = 'Show the configuration that counts, defaults included.'
  static override description =
    'YAML with every key, as `llmr serve` would use it: variables put in, secrets masked. Which file it came from goes ' +
    'to stderr.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'What a container would use',
      command: '<%= config.bin %> <%= command.id %> --config deploy/llmr.yaml',
    },
  ]
  static override flags = { config: configFlag, data: gatewayFlags.data }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ConfigShow)
    const { backendKinds } = await import('../../src/backends/backend-kinds.ts')
    const { explainStart } = await import('../../src/cli/explain-start.ts')
    const { openConfig } = await import('../../src/config/open-config.ts')
    const { redactConfig } = await import('../../src/config/redact-config.ts')
    const { renderConfig } = await import('../../src/config/render-config.ts')

    try {
      const { config, location, dataDirectory } = await openConfig({
        flag: flags.config,
        data: flags.data,
        backendKinds,
      })
      this.logToStderr(`# ${location.file ?? 'no file: defaults only'} (${location.origin})`)
      this.log(renderConfig(config).trimEnd())
      return { file: location.file ?? null, origin: location.origin, data: dataDirectory, config: redactConfig(config) }
    } catch (error) {
      throw explainStart(error, {})
    }
  }
}
