import { LlmrCommand } from '../../src/cli/command.ts'
import { configFlag } from '../../src/cli/config-flag.ts'
import { gatewayFlags } from '../../src/cli/gateway-flags.ts'
import type { SpoolStanding } from '../../src/core/side-path-standing.ts'

export default class EventsStats extends LlmrCommand {
  static override summary = 'Say how much work waits for each worker, and what the spool holds.'
  static override description =
    'Of the bus that is configured: NATS, or the tables of the store. A gateway that holds the embedded database is asked.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override flags = { config: configFlag, ...gatewayFlags }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(EventsStats)
    const { busFailure } = await import('../../src/cli/bus-failure.ts')
    const { formatTable } = await import('../../src/cli/table.ts')
    const { isTail } = await import('../../src/gateway/operating/tail-events.ts')
    const { withEvents } = await import('../../src/gateway/operating/source/with-source.ts')

    return withEvents({ ...flags, version: this.config.version }, async (bus) => {
      const consumers = (await bus.consumers()).filter(({ name }) => !isTail(name))
      const letters = await bus.deadLetters(1_000)
      const rows = consumers.map(({ name, backlog: { waiting, lent, oldestMs } }) => ({
        consumer: name,
        waiting,
        lent,
        oldest_ms: oldestMs === undefined ? null : Math.round(oldestMs),
        dead_letters: letters.filter(({ consumer }) => consumer === name).length,
      }))
      if (rows.length === 0) this.logToStderr('Nobody has ever consumed events here.')
      else {
        const cells = rows.map((row) => Object.values(row).map((value) => String(value ?? '-')))
        this.log(formatTable(['consumer', 'waiting', 'lent', 'oldest ms', 'dead letters'], cells))
      }
      const spool = spoolRow(await bus.spool())
      if (spool !== null) {
        const { dropped, ...rest } = spool
        const cells = [...Object.values(rest), dropped?.turns, dropped?.lineage].map((value) => String(value ?? '-'))
        this.log(
          `\n${formatTable(['spool', 'unsent', 'bytes', 'oldest ms', 'dropped turns', 'dropped lineage'], [cells])}`,
        )
      }
      return { consumers: rows, spool }
    }).catch(busFailure)
  }
}

/** @param standing absent where nothing is told after replies */
function spoolRow(standing: SpoolStanding | undefined) {
  if (standing === undefined) return null
  const { entries, waiting, bytes, oldestMs, dropped = null } = standing
  return { entries, waiting, bytes, oldest_ms: oldestMs === undefined ? null : Math.round(oldestMs), dropped }
}
