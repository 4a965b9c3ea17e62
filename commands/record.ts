import { Flags } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { gatewayFlags } from '../src/cli/gateway-flags.ts'

export default class Record extends LlmrCommand {
  static override summary = 'Record requests of a running gateway, for `llmr replay`.'
  static override description =
    'Writes requests for chats as they come, with what the model answered, as JSON lines, until Ctrl-C or a bound. They hold ' +
    'what people say: the gateway takes out secrets, home folders and the data of pictures, logs who records, and says so on ' +
    '/readyz for as long. Requests with x-llmr-memory: off are left out. Needs a key with the scope admin.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --model qwen3-4b --out runs.jsonl',
    {
      description: 'The next five requests, and what is done to them',
      command: '<%= config.bin %> <%= command.id %> --requests 5 | <%= config.bin %> replay -',
    },
  ]
  static override enableJsonFlag = false
  static override flags = {
    out: Flags.string({
      char: 'o',
      summary: 'A new file, readable by you alone. Default: stdout.',
      helpValue: 'FILE',
    }),
    model: Flags.string({ summary: 'Only of these models, asked for or serving.', helpValue: 'GLOB' }),
    principal: Flags.string({ summary: 'Only of this key.', helpValue: 'NAME' }),
    conversation: Flags.string({
      summary: 'Only of this conversation: as the client names it, or a recording.',
      helpValue: 'ID',
    }),
    for: Flags.string({ summary: 'How long at most.', default: '10m', helpValue: 'DURATION' }),
    size: Flags.string({ summary: 'How much at most.', default: '64MiB', helpValue: 'SIZE' }),
    requests: Flags.integer({ summary: 'How many at most.', min: 1, helpValue: 'N' }),
    redact: Flags.string({
      summary: 'What else is to be taken out; may be repeated.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'REGEXP',
    }),
    ...gatewayFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Record)
    const { findRunningGateway } = await import('../src/gateway/operating/find-running-gateway.ts')
    const { ownRedaction, recordingQuery } = await import('../src/gateway/operating/recording/recording-query.ts')
    const { describeRecording, recordTo } = await import('../src/gateway/operating/recording/record-to.ts')

    const query = recordingQuery(flags)
    const redaction = ownRedaction(flags.redact ?? [])
    const access = findRunningGateway(flags)
    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
    this.logToStderr(`Recording from ${access.url}; Ctrl-C ends it.`)
    const run = await recordTo({ access, query, out: flags.out, redaction, signal: stop.signal })
    this.logToStderr(describeRecording(run))
    if (run.end === 'lost') process.exitCode = 1
  }
}
