import { Args, Flags } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'

export default class ProfilesNormalise extends LlmrCommand {
  static override summary = 'Write the flags of profiles as their engine calls them.'
  static override description =
    'n_ctx becomes ctx-size, yes becomes on or true as the flag wants it, no_mmap becomes load-mode where the binary has ' +
    "moved on. The binary's own --help decides; without one, the flags llmr knows. Comments and everything else in the " +
    'file stay as they are, and a second run changes nothing. Prints the file, or changes it with --write; what was ' +
    'changed goes to stderr. Exits with 3 when a flag is not known.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> llmr.yaml',
    '<%= config.bin %> <%= command.id %> profiles/chat.yaml --write',
  ]
  static override args = {
    file: Args.string({ required: true, description: 'llmr.yaml, or a file of profiles; - for stdin.' }),
  }
  static override flags = {
    write: Flags.boolean({ char: 'w', summary: 'Change the file.' }),
    binary: Flags.string({
      summary: 'The llama-server to ask, in place of those the profiles name.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ProfilesNormalise)
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { foreignAdvice } = await import('../../src/profiles/import/foreign-config.ts')
    const { normaliseFile } = await import('../../src/profiles/normalise/normalise-file.ts')

    const text = await readInput(args.file)
    const advice = foreignAdvice(args.file, text)
    if (advice !== undefined) throw notOurs(args.file, advice)
    const result = await normaliseFile(text, { binary: flags.binary })
    if (result === undefined) throw notYaml(args.file)

    const { changes, problems } = result
    for (const { line, profile, message } of changes) this.logToStderr(`${args.file}:${line}  ${profile}  ${message}`)
    for (const { line, profile, message } of problems) {
      this.logToStderr(`${args.file}:${line}  ${profile}  problem: ${message}`)
    }
    const isWritten = flags.write && args.file !== '-'
    if (!isWritten) this.log(result.text.trimEnd())
    else if (result.text !== text) await replaceFile(args.file, result.text)
    this.logToStderr(`${args.file}: ${changes.length} changed, ${problems.length} not known`)
    if (problems.length > 0) this.foundSomething()
    return { file: args.file, written: isWritten && result.text !== text, changes, problems, text: result.text }
  }
}

/** Whole or not at all: an engine's configuration that is half written is worse than an old one. */
async function replaceFile(file: string, text: string): Promise<void> {
  const { realpath, rename, stat, writeFile } = await import('node:fs/promises')
  const target = await realpath(file)
  const { mode } = await stat(target)
  const draft = `${target}.${process.pid}.new`
  await writeFile(draft, text, { mode })
  await rename(draft, target)
}

function notOurs(file: string, advice: string): CliError {
  return new CliError(`${file} has no profiles of llmr's.`, { code: 'not_recognised', nextSteps: [advice] })
}

function notYaml(file: string): CliError {
  return new CliError(`${file} is not YAML.`, {
    code: 'invalid_yaml',
    nextSteps: [`\`llmr config check ${file}\` says where it stops being YAML.`],
  })
}
