import type { SpoolStanding } from '../core/side-path-standing.ts'
import { formatTable } from './table.ts'

/** What is before a worker. */
export interface ShownConsumer {
  readonly consumer: string
  readonly waiting: number
  readonly lent: number
  readonly oldest_ms: number | null
  readonly dead_letters: number
}

/** One line a worker. */
export function formatConsumers(consumers: readonly ShownConsumer[]): string {
  const rows = consumers.map(({ consumer, waiting, lent, oldest_ms: oldestMs, dead_letters: deadLetters }) => [
    consumer,
    ...[waiting, lent].map(String),
    oldestMs === null ? '-' : age(oldestMs),
    String(deadLetters),
  ])
  return formatTable(['WORKER', 'WAITING', 'LENT', 'OLDEST', 'DEAD LETTERS'], rows)
}

export interface ShownSpool {
  readonly entries: number
  readonly waiting: number
  readonly bytes: number
  readonly oldest_ms: number | null
  readonly dropped: SpoolStanding['dropped'] | null
}

/** @param standing absent where nothing is told after replies */
export function shownSpool(standing: SpoolStanding | undefined): ShownSpool | null {
  if (standing === undefined) return null
  const { entries, waiting, bytes, oldestMs, dropped = null } = standing
  return { entries, waiting, bytes, oldest_ms: oldestMs === undefined ? null : Math.round(oldestMs), dropped }
}

export function formatSpool({ entries, waiting, bytes, oldest_ms: oldestMs, dropped }: ShownSpool): string {
  const cells = [
    ...[entries, waiting, bytes].map(String),
    oldestMs === null ? '-' : age(oldestMs),
    ...[dropped?.turns, dropped?.lineage].map((count) => String(count ?? '-')),
  ]
  return formatTable(['SPOOL', 'UNSENT', 'BYTES', 'OLDEST', 'DROPPED TURNS', 'DROPPED LINEAGE'], [cells])
}

function age(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.round(ms / 3_600_000)} h`
}

export interface ShownDeadLetter {
  readonly id: string
  readonly consumer: string
  readonly event: string
  readonly attempts: number
  readonly buried_at: string
  readonly reason: string
}

/** A few lines each: an event's name alone is half a terminal wide. */
export function formatDeadLetters(letters: readonly ShownDeadLetter[]): string {
  return letters
    .map(({ id, consumer, event, attempts, buried_at: at, reason }) =>
      [
        `${id}  ${consumer}  ${at.slice(0, 16)}  ${attempts} attempt${attempts === 1 ? '' : 's'}`,
        `  event   ${event}`,
        `  reason  ${reason}`,
      ].join('\n'),
    )
    .join('\n')
}
