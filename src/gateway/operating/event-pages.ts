import type { BusEvent, ConsumerStanding, DeadLetter } from '../../core/bus.ts'
import { textAt } from '../../core/foreign-json.ts'
import { LlmrError } from '../../core/error.ts'
import type { SidePathStanding, SpoolStanding } from '../../core/side-path-standing.ts'
import { maySeeTenant } from '../../core/tenant.ts'
import type { Exchange } from '../../http/exchange.ts'
import { readJsonBody } from './read-json-body.ts'
import type { OpenStreams } from './open-streams.ts'
import type { OperatorBus } from './operator-bus.ts'

export interface EventParts {
  /** Absent: nothing is told after replies. */
  readonly bus: (() => Promise<OperatorBus>) | undefined
  readonly sidePath: (() => SidePathStanding) | undefined
  /** Replies that have no end of their own. */
  readonly openLogs: OpenStreams
}

const usualMost = 50
const mostMax = 1_000

/** `GET events/consumers` */
export async function eventConsumers(parts: EventParts): Promise<{ consumers: readonly ConsumerStanding[] }> {
  const bus = await busOf(parts)
  return { consumers: await bus.consumers() }
}

/** `GET events/spool` */
export function eventSpool({ sidePath }: EventParts): { spool?: SpoolStanding } {
  const standing = sidePath?.()
  if (standing === undefined) return {}
  const { spoolUnsettled: entries, spoolWaiting: waiting, spoolBytes: bytes, spoolOldestMs: oldestMs } = standing
  const dropped = { turns: standing.droppedTurns, lineage: standing.droppedLineage }
  return { spool: { entries, waiting, bytes, ...(entries > 0 && { oldestMs }), dropped } }
}

/** `GET events/dead-letters?most=`: without what they say, which is nobody's to read here. */
export async function eventDeadLetters(
  exchange: Exchange,
  parts: EventParts,
): Promise<{ dead_letters: readonly DeadLetter[] }> {
  const asked = Number(new URLSearchParams(exchange.query).get('most') ?? usualMost)
  const most = Number.isInteger(asked) && asked > 0 ? Math.min(asked, mostMax) : usualMost
  const bus = await busOf(parts)
  const letters = (await bus.deadLetters(most)).filter(({ event }) => maySeeEvent(exchange, event))
  return { dead_letters: letters.map((letter) => ({ ...letter, event: { ...letter.event, body: null } })) }
}

/** `POST events/redrive` with `id`. */
export async function redriveEvent(exchange: Exchange, parts: EventParts): Promise<{ is_redriven: boolean }> {
  const body = await readJsonBody(exchange)
  const bus = await busOf(parts)
  return { is_redriven: await bus.redrive(textAt(body, 'id') ?? '') }
}

/** An event that does not say whose it is has come from elsewhere, or only tells workers where to look. */
export function maySeeEvent({ principal }: Exchange, { body }: BusEvent): boolean {
  return maySeeTenant(principal, textAt(body, 'tenant'))
}

/** @throws LlmrError `not_supported`, `store_unavailable` */
export async function busOf({ bus }: EventParts): Promise<OperatorBus> {
  if (bus === undefined)
    throw new LlmrError('not_supported', 'This gateway tells nobody of anything: memory is off and there is no NATS.')
  try {
    return await bus()
  } catch (cause) {
    throw new LlmrError('store_unavailable', 'The bus does not answer just now.', { cause })
  }
}
