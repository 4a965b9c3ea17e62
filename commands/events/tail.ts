import { Flags } from '@oclif/core'

import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class EventsTail extends LlmrCommand {
  static override summary = 'Show events as they are published.'
  static override description =
    'JSON lines: time, id, subject and headers of each event; its body only with --content, since that may hold what people ' +
    'said. Begins with the events that are still kept. Takes nothing away from workers.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'What is there, and no longer', command: '<%= config.bin %> <%= command.id %> --once' },
  ]
  static override enableJsonFlag = false
  static override flags = {
    content: Flags.boolean({ summary: 'Show bodies too.' }),
    once: Flags.boolean({ summary: 'End when the last event that is there has been shown.' }),
    subject: Flags.string({
      summary: 'Only these: a whole subject, or a beginning that ends in .>',
      default: 'pipeline.knowledge.>',
      helpValue: 'SUBJECT',
    }),
    ...sourceFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(EventsTail)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    const stop = new AbortController()
    process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
    const { content: withContent, once, subject } = flags
    await withEvents({ ...flags, version: this.config.version }, (events) =>
      events.tail({ subject, once, withContent, signal: stop.signal }, (event) => this.log(JSON.stringify(event))),
    ).catch(busFailure)
  }
}
