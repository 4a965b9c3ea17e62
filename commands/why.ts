import { Args } from '@oclif/core'

import { LlmrCommand } from '../src/cli/command.ts'
import { gatewayFlags } from '../src/cli/gateway-flags.ts'

export default class Why extends LlmrCommand {
  static override summary = 'Tell what happened to a request.'
  static override description =
    'Prints the timeline of every finished request with that id: how it was understood, where it went and why, which ' +
    'backends failed it, when its first byte came. Without an id it is the last request to a model. The gateway remembers the last telemetry.recent_requests requests.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'The id comes in the reply headers x-correlation-id and x-request-id',
      command: '<%= config.bin %> why 019a6f0e-5b7c-7d2a-9c41-0d9f5d0b2a11',
    },
  ]
  static override args = {
    id: Args.string({ description: 'Correlation id or request id. Default: the last request to a model.' }),
  }
  static override flags = { ...gatewayFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Why)
    const { askRunningGateway } = await import('../src/gateway/operating/ask-running-gateway.ts')
    const { CliError } = await import('../src/cli/cli-error.ts')
    const { formatRequest, readRequests } = await import('../src/cli/format-request.ts')

    const which = args.id === undefined ? '' : `?id=${encodeURIComponent(args.id)}`
    const found = readRequests(await askRunningGateway({ ...flags, path: `requests${which}` }))
    const last = found.find(({ operation }) => operation !== undefined)
    const requests = args.id !== undefined ? found : last === undefined ? [] : [last]
    if (requests.length === 0 && args.id === undefined) {
      throw new CliError('The gateway remembers no request to a model.', {
        code: 'request_not_found',
        nextSteps: ['It is remembered when it ends; `llmr top` shows those at work.'],
      })
    }
    if (requests.length === 0) {
      throw new CliError(`The gateway remembers no request ${args.id}.`, {
        code: 'request_not_found',
        nextSteps: [
          'It may still be running: it is remembered when it ends.',
          'Older ones stand in the log: look for correlation_id.',
        ],
      })
    }
    this.log(requests.map(formatRequest).join('\n\n'))
    return { requests }
  }
}
