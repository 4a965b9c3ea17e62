import { Args, Flags } from '@oclif/core'

import { CliError } from '../../src/cli/cli-error.ts'
import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'
import type { Scope } from '../../src/core/principal.ts'
import type { RecallMode } from '../../src/core/recall-mode.ts'
import type { TrustZone } from '../../src/core/trust.ts'

export default class KeysCreate extends LlmrCommand {
  static override summary = 'Make an API key and show it, once.'
  static override description =
    'The key itself goes to stdout and is kept nowhere; its SHA-256 goes into the data folder. As soon as there is a key, ' +
    'the gateway asks every client for one.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    {
      description: 'For an application that needs one family of models, for this year',
      command: "<%= config.bin %> <%= command.id %> notes-app --model 'qwen*' --rpm 60 --expires 2027-12-31",
    },
    {
      description: 'For an operator, straight into the environment',
      command: 'export LLMR_KEY=$(<%= config.bin %> <%= command.id %> me --scope chat --scope admin)',
    },
  ]
  static override args = {
    name: Args.string({ required: true, description: 'Shown in logs and limits instead of the key.' }),
  }
  static override flags = {
    scope: Flags.option({ options: ['chat', 'admin', 'metrics', 'gateway'] satisfies Scope[], multiple: true })({
      summary: 'What it may do; may be repeated.',
      default: ['chat'],
      multipleNonGreedy: true,
    }),
    model: Flags.string({
      summary: 'Glob of models it may use; may be repeated. Default: all.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'GLOB',
    }),
    tenant: Flags.string({
      summary: 'Whose it is: tenants see nothing of each other. Default: default.',
      helpValue: 'NAME',
    }),
    expires: Flags.string({
      summary: 'Last day (UTC) on which it works.',
      helpValue: 'YYYY-MM-DD',
    }),
    'max-concurrent': Flags.integer({ summary: 'Requests it may have in flight.', min: 1, helpValue: 'N' }),
    rpm: Flags.integer({ summary: 'Requests it may start in any minute.', min: 1, helpValue: 'N' }),
    'may-leave': Flags.option({ options: ['local', 'lan', 'cloud'] satisfies TrustZone[] })({
      summary: 'The widest zone its requests may fall back to, where the model allows it too.',
    }),
    memory: Flags.option({ options: ['off', 'window', 'hybrid'] satisfies RecallMode[] })({
      summary: 'The most that its chats are given back of their conversations; off: they are not kept either.',
    }),
    'trust-user-headers': Flags.boolean({ summary: 'Believe x-llmr-user from it.' }),
    data: gatewayFlags.data,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(KeysCreate)
    const { createKey } = await import('../../src/config/create-key.ts')
    const { addKey, keysFile, readKeys } = await import('../../src/config/keys-file.ts')
    const { keysFailure } = await import('../../src/cli/keys-failure.ts')
    const { dataDirectory, processSurroundings } = await import('../../src/config/locations.ts')

    const file = keysFile(flags.data ?? dataDirectory(processSurroundings()))
    const isFirst = (await readKeys(file).catch(keysFailure)).length === 0
    const { secret, sha256 } = createKey()
    const key = await addKey(file, {
      name: args.name,
      sha256,
      tenant: flags.tenant,
      scopes: flags.scope,
      models: flags.model,
      expires: flags.expires === undefined ? undefined : comingDay(flags.expires, Date.now()),
      may_leave: flags['may-leave'],
      trust_user_headers: flags['trust-user-headers'],
      memory: flags.memory,
      max_concurrent: flags['max-concurrent'],
      requests_per_minute: flags.rpm,
    }).catch(keysFailure)

    this.log(secret)
    this.logToStderr(
      `This is the key of "${key.name}". It is shown this once and kept nowhere; ${file} holds only its SHA-256.\n` +
        'Clients send it as "Authorization: Bearer KEY" (OPENAI_API_KEY) or "x-api-key: KEY" (ANTHROPIC_API_KEY).\n' +
        `For llmr.yaml on another machine: auth.keys: [{ name: ${key.name}, sha256: ${sha256}, … }]`,
    )
    if (isFirst) {
      this.logToStderr('It is the first one: unless auth.required is false, every client needs a key from now on.')
    }
    return { key: secret, file, ...key }
  }
}

/** A day that exists and is not over: a key that is born dead is a slip of the pen. */
function comingDay(text: string, nowMs: number): string {
  const today = new Date(nowMs).toISOString().slice(0, 10)
  const endMs = Date.parse(`${text}T00:00:00Z`)
  const isDay = !Number.isNaN(endMs) && new Date(endMs).toISOString().startsWith(text)
  if (isDay && text >= today) return text
  throw new CliError(`--expires: expected a day from ${today} on, such as ${today}; this was "${text}".`, {
    code: 'invalid_flag',
    exitCode: 2,
  })
}
