import { Args, Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class RouteExplain extends LlmrCommand {
  static override summary = 'Say where a request would go, and why, without sending it.'
  static override description =
    'Asks the running gateway with a request body as a client would send it, and prints the model, the backends in ' +
    'order, and what was considered and left out. Only the optional intent model is really asked.'
  static override examples = [
    '<%= config.bin %> route explain request.json',
    {
      description: 'From a pipe, as a background request',
      command: `echo '{"model":"auto","messages":[{"role":"user","content":"Fix this function"}]}' | <%= config.bin %> route explain - --header x-llmr-task=title_generation`,
    },
  ]
  static override args = {
    file: Args.string({ required: true, description: 'JSON file with the request body, or - for stdin.' }),
  }
  static override flags = {
    path: Flags.string({
      summary: 'Path the request would be sent to.',
      default: '/v1/chat/completions',
      helpValue: 'PATH',
    }),
    header: Flags.string({
      summary: 'A header the client would send; may be repeated.',
      multiple: true,
      helpValue: 'NAME=VALUE',
    }),
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RouteExplain)
    const { readInput } = await import('../../src/cli/read-input.ts')
    const { askRunningGateway } = await import('../../src/gateway/operating/ask-running-gateway.ts')
    const { formatDecision } = await import('../../src/cli/format-decision.ts')

    const body = await readInput(args.file)
    const headers = Object.fromEntries((flags.header ?? []).map(splitHeader))
    const decision = await askRunningGateway({
      url: flags.url,
      data: flags.data,
      path: 'route/explain',
      method: 'POST',
      body,
      headers: { ...headers, 'x-llmr-explain-path': flags.path },
    })
    this.log(formatDecision(decision))
    return { decision }
  }
}

function splitHeader(text: string): [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text.toLowerCase(), ''] : [text.slice(0, at).toLowerCase(), text.slice(at + 1)]
}
