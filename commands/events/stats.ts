import { LlmrCommand } from '../../src/cli/command.ts'
import { sourceFlags } from '../../src/cli/source-flags.ts'

export default class EventsStats extends LlmrCommand {
  static override summary = 'Say how much work waits for each worker, and what the spool holds.'
  static override description =
    'Events that nobody has taken yet (waiting), that a worker is at (lent), how old the oldest of both is, and what was put ' +
    'aside (dead letters): of NATS, or of the tables of the store. Then what a gateway has not sent there yet.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = { ...sourceFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsStats)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { formatConsumers, formatSpool, shownSpool } = await import('../../src/cli/format-events.ts')
    const { isTail } = await import('../../src/gateway/operating/tail-events.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    const { standings, letters, spool } = await withEvents({ ...flags, version: this.config.version }, async (bus) => ({
      standings: await bus.consumers(),
      letters: await bus.deadLetters(1_000),
      spool: shownSpool(await bus.spool()),
    })).catch(busFailure)
    const consumers = standings
      .filter(({ name }) => !isTail(name))
      .map(({ name, backlog: { waiting, lent, oldestMs } }) => ({
        consumer: name,
        waiting,
        lent,
        oldest_ms: oldestMs === undefined ? null : Math.round(oldestMs),
        dead_letters: letters.filter(({ consumer }) => consumer === name).length,
      }))
    if (consumers.length > 0) this.log(formatConsumers(consumers))
    else
      this.logToStderr(
        'No worker has ever taken events here: one does in a gateway with memory, or `llmr worker persist`.',
      )
    if (spool !== null) this.log(`\n${formatSpool(spool)}`)
    return { consumers, spool }
  }
}
