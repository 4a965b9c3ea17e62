import { LlmrCommand } from '../../src/cli/command.ts'

export default class ConfigSchema extends LlmrCommand {
  static override summary = 'Print the JSON Schema of llmr.yaml.'
  static override description =
    'For editors that complete and check YAML. docs/configuration.md has the same for readers.'
  static override examples = [
    {
      description: 'Completion in an editor with a YAML language server',
      command:
        "<%= config.bin %> <%= command.id %> > llmr.schema.json\n    echo '# yaml-language-server: $schema=./llmr.schema.json'",
    },
  ]

  async run(): Promise<unknown> {
    await this.parse(ConfigSchema)
    const { backendKinds } = await import('../../src/backends/backend-kinds.ts')
    const { configJsonSchema } = await import('../../src/config/config-json-schema.ts')
    const schema = configJsonSchema(backendKinds)
    this.log(JSON.stringify(schema, null, 2))
    return { json_schema: schema }
  }
}
