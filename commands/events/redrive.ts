import { Args } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class EventsRedrive extends LlmrCommand {
  static override summary = 'Give an event that was put aside to its worker again.'
  static override description = 'To that worker alone. Exits with 1 when there is no such event, or nobody to take it.'
  static override examples = ['<%= config.bin %> <%= command.id %> 12']
  static override args = { id: Args.string({ required: true, description: 'As `llmr events dead-letters` lists it.' }) }
  static override flags = { ...sourceFlags }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(EventsRedrive)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { CliError } = await import('../../src/cli/cli-error.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    const isRedriven = await withEvents({ ...flags, version: this.config.version }, (bus) =>
      bus.redrive(args.id),
    ).catch(busFailure)
    if (!isRedriven) {
      throw new CliError(`No event ${args.id} was put aside, or its worker is gone.`, {
        code: 'no_dead_letter',
        nextSteps: ['`llmr events dead-letters` lists what there is.'],
      })
    }
    this.logToStderr(`${args.id} waits for its worker again.`)
    return { id: args.id }
  }
}
