import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class ProfilesList extends LlmrCommand {
  static override summary = 'List the profiles: what llmr can launch on this machine.'
  static override description =
    'From llmr.yaml and from profiles/*.yaml beside it. --all adds the templates, those that llmr brings included, which ' +
    'a profile of yours can extend. What runs at this moment is `llmr models list`.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'What can be extended for coding',
      command: '<%= config.bin %> <%= command.id %> --all --tag coding',
    },
  ]
  static override flags = {
    config: configFlag,
    data: gatewayFlags.data,
    all: Flags.boolean({ summary: 'Templates too.' }),
    tag: Flags.string({ summary: 'Only those with this tag.', helpValue: 'TAG' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(ProfilesList)
    const { backendKinds } = await import('../../src/backends/backend-kinds.ts')
    const { explainStart } = await import('../../src/cli/explain-start.ts')
    const { formatProfiles } = await import('../../src/cli/format-profiles.ts')
    const { openConfig } = await import('../../src/config/open-config.ts')

    const opened = await openConfig({
      flag: flags.config,
      data: flags.data,
      backendKinds,
      withShippedProfiles: flags.all,
    }).catch((error: unknown) => {
      throw explainStart(error, {})
    })
    const { config, templates, profileFileOf, location } = opened
    const profiles = Object.entries({ ...config.profiles, ...(flags.all ? templates : {}) })
      .filter(([, { tags }]) => flags.tag === undefined || tags.includes(flags.tag))
      .map(([name, { template, engine, description, model, context, parallel, tags, aliases }]) => ({
        name,
        isTemplate: template,
        engine,
        description: description ?? null,
        model: model ?? null,
        context: context ?? null,
        parallel: parallel ?? 1,
        tags,
        aliases,
        file: profileFileOf(name) ?? '',
      }))
    if (profiles.length === 0) this.logToStderr(nothing(location.file, flags))
    else this.log(formatProfiles(profiles))
    return { profiles }
  }
}

function nothing(file: string | undefined, { tag }: { readonly tag?: string }): string {
  const where = file === undefined ? 'There is no configuration file' : `There are no profiles in or beside ${file}`
  const which = tag === undefined ? '' : ` with the tag ${tag}`
  return `${where}${which}. \`llmr profiles list --all\` shows what can be extended, docs/profiles.md how.`
}
