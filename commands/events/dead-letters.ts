import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class EventsDeadLetters extends LlmrCommand {
  static override summary = 'List the events that a worker could not do.'
  static override description =
    'The latest first, with the reason. Bodies are shown by no command: `llmr events redrive` gives one back to its worker ' +
    'when what was wrong has been put right.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --most 5']
  static override flags = {
    most: Flags.integer({ summary: 'How many at most.', default: 50, min: 1, max: 1_000, helpValue: 'N' }),
    ...sourceFlags,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsDeadLetters)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { formatDeadLetters } = await import('../../src/cli/format-events.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    const where = { ...flags, version: this.config.version }
    const kept = await withEvents(where, (bus) => bus.deadLetters(flags.most)).catch(busFailure)
    const letters = kept.map(({ id, consumer, event, reason, attempts, buriedAtMs }) => ({
      id,
      consumer,
      event: event.id,
      subject: event.subject,
      attempts,
      buried_at: new Date(buriedAtMs).toISOString(),
      reason,
    }))
    if (letters.length === 0) this.logToStderr('There are none: workers have done all that they took.')
    else this.log(formatDeadLetters(letters))
    return { dead_letters: letters }
  }
}
