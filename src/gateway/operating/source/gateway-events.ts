import { type AdminAccess, askGateway, followGateway } from '../../../cli/admin-client.ts'
import { CliError } from '../../../cli/cli-error.ts'
import type { ConsumerStanding, DeadLetter } from '../../../core/bus.ts'
import { flagAt, listAt, objectAt, parseForeignJson, textAt } from '../../../core/foreign-json.ts'
import type { SpoolStanding } from '../../../core/side-path-standing.ts'
import { SseEvents } from '../../../core/sse-events.ts'
import type { TailedEvent } from '../tail-events.ts'
import type { OperatorEvents } from './operator-events.ts'

/** The bus of a running gateway, by its admin API. It is our own, and of one mind with us: only outlines are checked. */
export function gatewayEvents(access: AdminAccess): OperatorEvents {
  return {
    consumers: async () =>
      listAt(await askGateway(access, 'events/consumers'), 'consumers') as readonly ConsumerStanding[],
    deadLetters: async (most) =>
      listAt(await askGateway(access, `events/dead-letters?most=${most}`), 'dead_letters') as readonly DeadLetter[],
    spool: async () => objectAt(await askGateway(access, 'events/spool'), 'spool') as SpoolStanding | undefined,
    redrive: async (id) => {
      const reply = await askGateway(access, 'events/redrive', { method: 'POST', body: JSON.stringify({ id }) })
      return flagAt(reply, 'is_redriven') === true
    },
    tail: async ({ subject, once, withContent, signal }, write) => {
      const query = new URLSearchParams({ subject, once: String(once), content: String(withContent) })
      const events = new SseEvents()
      try {
        for await (const chunk of await followGateway(access, `events/tail?${query.toString()}`, signal)) {
          for (const data of events.push(Buffer.from(chunk))) {
            const event = parseForeignJson(data)
            if (flagAt(event, 'is_end') === true) return
            const failure = textAt(event, 'error', 'message')
            if (failure !== undefined) throw new CliError(failure, { code: 'gateway_failed' })
            await write(event as TailedEvent)
          }
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof CliError) throw error
        throw gone(access, error)
      }
      throw gone(access)
    },
  }
}

function gone({ url }: AdminAccess, cause?: unknown): CliError {
  return new CliError(`The gateway at ${url} has ended, or was cut off.`, {
    code: 'gateway_gone',
    nextSteps: ['The same command shows what there is when it is back.'],
    cause,
  })
}
