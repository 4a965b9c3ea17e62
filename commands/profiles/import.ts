import { Args } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import type { ImportedDocument } from '../../src/profiles/import/imported.ts'

export default class ProfilesImport extends LlmrCommand {
  static override summary = 'Turn the models of another program into profiles.'
  static override description =
    'From a configuration of llama-swap or LiteLLM, a preset file of llama-server, the output of `ollama list` (or the JSON of its ' +
    '/api/tags), or a folder of .gguf files. Prints what would stand in llmr.yaml; what has no place there is said in ' +
    'comments at its top. Nothing is written and nothing is launched.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> llama-swap/config.yaml > imported.yaml',
    '<%= config.bin %> <%= command.id %> ~/models > imported.yaml',
    'ollama list | <%= config.bin %> <%= command.id %> -',
  ]
  static override args = { from: Args.string({ required: true, description: 'A file, a folder, or - for stdin.' }) }

  async run(): Promise<unknown> {
    const { args } = await this.parse(ProfilesImport)
    const path = await import('node:path')
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { importFromFolder, importFromText } = await import('../../src/profiles/import/import-source.ts')
    const { renderImport } = await import('../../src/profiles/import/render-import.ts')

    const folder = args.from === '-' ? undefined : await importFromFolder(path.resolve(args.from))
    const imported = folder ?? (await importFromText(await readInput(args.from)))
    if (imported === undefined) throw notRecognised(args.from)
    this.log(renderImport(imported).trimEnd())
    this.logToStderr(summaryOf(imported.document))
    return { from: args.from, ...imported }
  }
}

function summaryOf({ profiles = {}, models = {} }: ImportedDocument): string {
  const count = Object.keys(profiles).length
  const others = Object.keys(models).length
  if (count === 0 && others > 0) {
    return `${others} model${others === 1 ? '' : 's'}; \`llmr config check\` reads the file, \`llmr backends probe\` tries the servers`
  }
  return `${count} profile${count === 1 ? '' : 's'}; \`llmr profiles validate\` checks them against this machine`
}

function notRecognised(from: string): CliError {
  return new CliError(`${from} is nothing that can be imported.`, {
    code: 'not_recognised',
    exitCode: 2,
    nextSteps: [
      'Expected a configuration of llama-swap (with models) or LiteLLM (with model_list), a preset of llama-server ([name] sections), `ollama list`, or a folder of .gguf files.',
    ],
  })
}
