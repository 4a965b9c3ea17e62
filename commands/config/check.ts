import { Args, Flags } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'
import type { ConfigInspection } from '../../src/config/inspect-config.ts'

export default class ConfigCheck extends LlmrCommand {
  static override summary = 'Check llmr.yaml and print every problem in it.'
  static override description =
    'Each line is file:line:column, the key, and what to do. Exits with 0 when the file can be used, with warnings or ' +
    'without, and with 3 when it cannot. Variables are taken from the environment of this command. Nothing in the file ' +
    'is executed or contacted.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ./llmr.yaml --json',
    {
      description: 'A file for another machine',
      command: '<%= config.bin %> <%= command.id %> deploy/llmr.yaml --elsewhere',
    },
  ]
  static override args = {
    file: Args.string({ description: 'The file to check. Default: the one that `llmr serve` would use.' }),
  }
  static override flags = {
    config: configFlag,
    data: gatewayFlags.data,
    elsewhere: Flags.boolean({
      summary: 'The file is for another machine: do not look for its certificates and stored keys here.',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(ConfigCheck)
    const { backendKinds } = await import('../../src/backends/backend-kinds.ts')
    const { formatProblem } = await import('../../src/config/config-error.ts')
    const { inspectConfig } = await import('../../src/config/inspect-config.ts')

    const inspection = await inspectConfig({
      flag: args.file ?? flags.config,
      data: flags.data,
      isElsewhere: flags.elsewhere,
      backendKinds,
    })
    const { location, problems, warnings } = inspection
    const unread = problems.find(({ file, code }) => file === location.file && code === 'unreadable')
    if (unread?.path === '') throw notChecked(unread.file, unread.message)

    for (const problem of problems) this.log(formatProblem(problem))
    for (const warning of warnings) this.log(formatProblem({ ...warning, message: `warning: ${warning.message}` }))
    this.logToStderr(summaryOf(inspection))
    const advice = problems.length > 0 && location.file !== undefined && (await adviceOn(location.file))
    if (advice) this.logToStderr(advice)
    if (problems.length > 0) this.foundSomething()
    return { file: location.file ?? null, origin: location.origin, ok: problems.length === 0, problems, warnings }
  }
}

/** Most of what is wrong with another program's file is that it is one. */
async function adviceOn(file: string): Promise<string | undefined> {
  const { readFile } = await import('node:fs/promises')
  const { foreignAdvice } = await import('../../src/profiles/import/foreign-config.ts')
  return foreignAdvice(file, await readFile(file, 'utf8'))
}

function notChecked(file: string, message: string): CliError {
  return new CliError(`${file} was not checked: ${message}.`, {
    code: 'unreadable',
    nextSteps: ['Name a file: `llmr config check FILE`. Without one, `llmr config check` looks in the usual places.'],
  })
}

function summaryOf({ location, problems, warnings }: ConfigInspection): string {
  const { file = 'There is no configuration file, so everything has its default', ignored } = location
  const verdict = problems.length === 0 ? 'fine' : counted(problems.length, 'problem')
  const also = warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`
  const passedOver = ignored === undefined ? '' : `\n${ignored.file} was passed over: ${ignored.reason}`
  return `${file}: ${verdict}${also}${passedOver}`
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
