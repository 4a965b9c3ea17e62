import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'

export default class EventsDeadLetters extends LlmrCommand {
  static override summary = 'List the events that a worker could not do.'
  static override description =
    'The latest first, with the reason. Bodies are shown by no command: `llmr events redrive` gives one back to its worker ' +
    'when what was wrong has been put right.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --most 5']
  static override flags = {
    most: Flags.integer({ summary: 'How many.', default: 50, min: 1, max: 1000 }),
    config: configFlag,
    ...gatewayFlags,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsDeadLetters)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    return withEvents({ ...flags, version: this.config.version }, async (bus) => {
      const letters = (await bus.deadLetters(flags.most)).map(
        ({ id, consumer, event, reason, attempts, buriedAtMs }) => ({
          id,
          consumer,
          event: event.id,
          subject: event.subject,
          attempts,
          buried_at: new Date(buriedAtMs).toISOString(),
          reason,
        }),
      )
      if (letters.length === 0) this.logToStderr('There are none.')
      else {
        const rows = letters.map(({ id, consumer, event, attempts, buried_at: at, reason }) => {
          return [id, consumer, event, String(attempts), at, reason]
        })
        this.log(formatTable(['id', 'consumer', 'event', 'attempts', 'put aside', 'reason'], rows))
      }
      return { dead_letters: letters }
    }).catch(busFailure)
  }
}
