import { everySubject } from '../../events/subjects.ts'
import type { Exchange } from '../../http/exchange.ts'
import { busOf, type EventParts, maySeeEvent } from './event-pages.ts'
import { expectKey } from './expect-key.ts'
import { tailEvents } from './tail-events.ts'

/**
 * `GET events/tail?subject=&once=&content=`: events as they are published, until the client leaves or the gateway closes;
 * with `once=true` those that are there. Bodies hold what people said.
 *
 * @throws LlmrError `forbidden`, `queue_full` when too many look on, and what the bus has to say before the first
 */
export async function tailBus(exchange: Exchange, parts: EventParts): Promise<void> {
  const query = new URLSearchParams(exchange.query)
  const withContent = query.get('content') === 'true'
  if (withContent) expectKey(exchange)
  const bus = await busOf(parts)
  const stop = new AbortController()
  const drained = new Drained(exchange, stop.signal)
  parts.openLogs.add(exchange, () => stop.abort())
  exchange.record.isStream = true
  exchange.beginEventStream()
  exchange.response.flushHeaders()
  await tailEvents({
    bus,
    subject: query.get('subject') ?? everySubject,
    once: query.get('once') === 'true',
    withContent,
    signal: stop.signal,
    isShown: (event) => maySeeEvent(exchange, event),
    write: (event) => drained.after(exchange.write(`data: ${JSON.stringify(event)}\n\n`)),
    onIdle: () => exchange.write(exchange.dialect.keepAlive.comment),
  })
  if (stop.signal.aborted) return
  exchange.write('data: {"is_end":true}\n\n')
  exchange.end()
}

/** Waits for a client that takes nothing, and no longer than there is one. */
class Drained {
  #resume: () => void = () => undefined
  readonly #signal: AbortSignal

  constructor(exchange: Exchange, signal: AbortSignal) {
    this.#signal = signal
    exchange.onDrain(() => this.#resume())
    signal.addEventListener('abort', () => this.#resume(), { once: true })
  }

  after(hasRoom: boolean): Promise<void> | undefined {
    if (hasRoom || this.#signal.aborted) return undefined
    return new Promise((resolve) => {
      this.#resume = resolve
    })
  }
}
