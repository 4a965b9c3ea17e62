import type { BusEvent } from '../../../src/core/bus.ts'
import { openJetStreamBus, type OpenedBus } from '../../../src/events/jetstream/open-jetstream-bus.ts'
import { turnEvent } from '../../support/turn-events.ts'
import type { Random } from '../random.ts'
import { laterType } from './later-version.ts'

/** Events that no gateway of today tells: some that can never be kept, some that only a later worker can. */
export interface Planted {
  readonly poison: readonly BusEvent[]
  readonly later: readonly BusEvent[]
}

export function plantedEvents({ poison, later }: { poison: number; later: number }): Planted {
  return {
    poison: Array.from({ length: poison }, (_, n) => poisoned(n)),
    later: Array.from({ length: later }, (_, n) => ofLater(n)),
  }
}

function poisoned(n: number): BusEvent {
  const event = turnEvent(`poison-${n}`, n % 3 === 0 ? { promptTokens: 9e15 } : {})
  const body = event.body as object
  if (n % 3 === 0) return event
  return n % 3 === 1 ? { ...event, body: { ...body, input: 'no list' } } : { ...event, body: 'no object' }
}

function ofLater(n: number): BusEvent {
  const event = turnEvent(`later-${n}`)
  return { ...event, headers: { ...event.headers, 'ce-type': laterType } }
}

/** Publishes in batches of a few, in any order, until the server has taken them. */
export async function plant(
  events: readonly BusEvent[],
  { natsUrl, random, pause }: { natsUrl: string; random: Random; pause: () => Promise<void> },
): Promise<void> {
  const waiting = [...events].toSorted(() => random.next() - 0.5)
  while (waiting.length > 0) {
    const batch = waiting.splice(0, random.integer(1, 3))
    await untilDone(() => withBus(natsUrl, (bus) => bus.publish(batch)))
    await pause()
  }
}

export async function withBus<Result>(natsUrl: string, work: (bus: OpenedBus) => Promise<Result>): Promise<Result> {
  const bus = await openJetStreamBus({ url: natsUrl, clientName: 'chaos' })
  try {
    return await work(bus)
  } finally {
    await bus.close()
  }
}

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200)) // the server is away
    }
  }
}
