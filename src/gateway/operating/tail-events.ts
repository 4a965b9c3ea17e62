import type { BusEvent } from '../../core/bus.ts'
import { mintId } from '../../core/identifier.ts'
import type { OperatorBus } from './operator-bus.ts'

/** An event as somebody who looks on is shown it. */
export interface TailedEvent {
  readonly time: string
  readonly id: string
  readonly subject: string
  readonly headers: BusEvent['headers']
  /** What people said may stand in it; absent unless it was asked for. */
  readonly body?: unknown
}

export interface TailWish {
  /** A whole subject, or a beginning that ends in `.>`. */
  readonly subject: string
  /** Ends when the last event that is there has been shown. */
  readonly once: boolean
  readonly withContent: boolean
  readonly signal: AbortSignal
}

export interface TailOptions extends TailWish {
  readonly bus: Pick<OperatorBus, 'consumers' | 'consumer' | 'removeConsumer'>
  readonly isShown?: (event: BusEvent) => boolean
  /** Is waited for. */
  readonly write: (event: TailedEvent) => Promise<void> | void
  /** Called every few seconds in which there was nothing. */
  readonly onIdle?: () => void
}

const prefix = 'tail-'
const ackWaitMs = 30_000
const waitMs = 5_000
const batch = 100
/** Whoever looks on settles within seconds: one that is older, and has not for so long, was killed and would be served for ever. */
const abandonedMs = 3_600_000

/** Shows events by a consumer of its own, which it takes away at the end. */
export async function tailEvents(options: TailOptions): Promise<void> {
  const { bus, subject, once, withContent, signal, isShown = () => true, write, onIdle } = options
  await removeAbandoned(bus)
  const name = `${prefix}${mintId()}`
  const consumer = await bus.consumer({ name, subjects: [subject], ackWaitMs })
  try {
    while (!signal.aborted) {
      const deliveries = await consumer.fetch({ most: batch, waitMs: once ? 0 : waitMs, signal })
      if (deliveries.length === 0 && once) return
      if (deliveries.length === 0) onIdle?.()
      for (const { event, publishedAtMs } of deliveries) {
        if (!isShown(event)) continue
        const { id, subject: published, headers, body } = event
        const time = new Date(publishedAtMs).toISOString()
        await write({ time, id, subject: published, headers, ...(withContent && { body }) })
      }
      await consumer.done(deliveries)
    }
  } finally {
    await bus.removeConsumer(name)
  }
}

/** One who only looks on, and works on nothing. */
export function isTail(consumer: string): boolean {
  return consumer.startsWith(prefix)
}

async function removeAbandoned(bus: TailOptions['bus']): Promise<void> {
  for (const { name, backlog } of await bus.consumers()) {
    if (!isTail(name)) continue
    const ageMs = Date.now() - Number.parseInt(name.slice(prefix.length, prefix.length + 12), 16)
    if (ageMs > abandonedMs && (backlog.oldestMs ?? 0) > abandonedMs) await bus.removeConsumer(name)
  }
}
