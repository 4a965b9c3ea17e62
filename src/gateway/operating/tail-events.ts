import type { Bus } from '../../core/bus.ts'
import { mintId } from '../../core/identifier.ts'

export interface TailOptions {
  readonly bus: Bus
  readonly subject: string
  readonly once: boolean
  readonly withContent: boolean
  readonly signal: AbortSignal
  readonly write: (line: string) => void
}

const ackWaitMs = 30_000
const waitMs = 5_000
const batch = 100

/** Shows events by a consumer of its own, which it takes away at the end. */
export async function tailEvents({ bus, subject, once, withContent, signal, write }: TailOptions): Promise<void> {
  const name = `tail-${mintId()}`
  const consumer = await bus.consumer({ name, subjects: [subject], ackWaitMs })
  try {
    while (!signal.aborted) {
      const deliveries = await consumer.fetch({ most: batch, waitMs: once ? 0 : waitMs, signal })
      if (deliveries.length === 0 && once) return
      for (const { event, publishedAtMs } of deliveries) {
        const { id, subject: published, headers, body } = event
        const time = new Date(publishedAtMs).toISOString()
        write(JSON.stringify({ time, id, subject: published, headers, ...(withContent && { body }) }))
      }
      await consumer.done(deliveries)
    }
  } finally {
    await bus.removeConsumer(name)
  }
}
