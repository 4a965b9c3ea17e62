import { Flags } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'
import type { ConfigProblem } from '../../src/config/config-error.ts'

export default class ProfilesValidate extends LlmrCommand {
  static override summary = 'Find what would keep a profile from being launched.'
  static override description =
    'Each line is file:line:column, the key, and what to do. Beside what `llmr config check` finds: flags that this ' +
    'binary does not have (its own --help decides), values a flag does not take, programs and files that are missing, ' +
    'ports that clash, addresses that cannot be reached, folders that cannot be written. Nothing is launched. Exits ' +
    'with 3 when there is something to repair.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Profiles of another machine',
      command: '<%= config.bin %> <%= command.id %> -c gpu.yaml --elsewhere',
    },
  ]
  static override flags = {
    config: configFlag,
    data: gatewayFlags.data,
    profile: Flags.string({ summary: 'Only this profile. May be repeated.', multiple: true, helpValue: 'NAME' }),
    elsewhere: Flags.boolean({
      summary: 'The profiles are for another machine: do not look for its files here, and ask no binary.',
    }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ProfilesValidate)
    const { backendKinds } = await import('../../src/backends/backend-kinds.ts')
    const { formatProblem } = await import('../../src/config/config-error.ts')
    const { inspectProfiles } = await import('../../src/gateway/operating/inspect-profiles.ts')

    const { file, names, problems, warnings } = await inspectProfiles({
      flag: flags.config,
      data: flags.data,
      backendKinds,
      only: flags.profile,
      isElsewhere: flags.elsewhere,
    })
    const unknown = flags.profile?.find((name) => problems.length === 0 && !names.includes(name))
    if (unknown !== undefined) throw noSuchProfile(unknown, names)

    for (const problem of problems) this.log(formatProblem(problem))
    for (const warning of warnings) this.log(formatProblem({ ...warning, message: `warning: ${warning.message}` }))
    this.logToStderr(summaryOf({ file, count: flags.profile?.length ?? names.length, problems, warnings }))
    if (problems.length > 0) this.foundSomething()
    return { file: file ?? null, profiles: names, ok: problems.length === 0, problems, warnings }
  }
}

function noSuchProfile(name: string, names: readonly string[]): CliError {
  return new CliError(`There is no profile ${name}.`, {
    code: 'unknown_profile',
    exitCode: 2,
    nextSteps: [names.length === 0 ? 'Write one: see docs/profiles.md.' : `There are ${names.join(', ')}.`],
  })
}

function summaryOf({
  file,
  count,
  problems,
  warnings,
}: {
  readonly file: string | undefined
  readonly count: number
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}): string {
  const what = file === undefined ? 'There is no configuration file' : `${counted(count, 'profile')} of ${file}`
  const verdict = problems.length === 0 ? 'fine' : counted(problems.length, 'problem')
  return `${what}: ${verdict}${warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`}`
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
