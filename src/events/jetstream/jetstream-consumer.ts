import type { JetStreamManager } from '@nats-io/jetstream'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { nanos } from '@nats-io/transport-node'

import type { Backlog, Consumer, Delivery, FetchOptions } from '../../core/bus.ts'
import { parseAckAddress } from './ack-address.ts'
import type { AckAddress } from './ack-address.ts'
import { backlogOf } from './backlog-of.ts'
import type { DeadLetters } from './dead-letters.ts'
import { readEvent } from './event-message.ts'
import { isUnanswered } from './is-unanswered.ts'
import { pull } from './pull.ts'
import { pipelineStream } from './streams.ts'

export interface JetStreamConsumerOptions {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly deadLetters: DeadLetters
  /** As llmr calls it. */
  readonly name: string
  /** As the server does. */
  readonly durable: string
  readonly ackWaitMs: number
  readonly requestTimeoutMs: number
}

/** A delivery as the server knows it. */
interface Lease {
  readonly reply: string
  readonly sequence: number
  /** By then it may be somebody else's. Counted from its arrival here, so a little late. */
  untilMs: number
}

const acknowledge = '+ACK'
const inProgress = '+WPI'
const terminate = '+TERM'

/** A durable pull consumer of the pipeline's stream. */
export class JetStreamConsumer implements Consumer {
  readonly #options: JetStreamConsumerOptions
  readonly #leases = new WeakMap<Delivery, Lease>()

  constructor(options: JetStreamConsumerOptions) {
    this.#options = options
  }

  async fetch({ most, waitMs, signal }: FetchOptions): Promise<readonly Delivery[]> {
    if (isAborted(signal)) return []
    const there = await this.#pull({ most, waitMs: 0 })
    if (there.length > 0 || waitMs <= 0 || isAborted(signal)) return this.#lend(there)
    // The first ends the wait, so no more than one is asked for: a pull that is left open would go on being filled.
    const first = await this.#pull({ most: 1, waitMs, signal })
    const rest = first.length === 0 || most === 1 ? [] : await this.#pull({ most: most - 1, waitMs: 0 })
    return this.#lend([...first, ...rest])
  }

  async done(deliveries: readonly Delivery[]): Promise<void> {
    const { connection } = this.#options
    const last = deliveries.at(-1)
    if (last === undefined) return
    for (const delivery of deliveries.slice(0, -1)) connection.publish(this.#leaseOf(delivery).reply, acknowledge)
    // They arrive in order: once the server has answered the last, it has them all.
    await this.#settle(this.#leaseOf(last), acknowledge)
  }

  async working(deliveries: readonly Delivery[]): Promise<void> {
    const { connection, ackWaitMs } = this.#options
    for (const lease of this.#held(deliveries)) {
      connection.publish(lease.reply, inProgress)
      lease.untilMs = performance.now() + ackWaitMs
    }
    await connection.flush()
  }

  async release(deliveries: readonly Delivery[], afterMs: number): Promise<void> {
    const { connection } = this.#options
    const delay = JSON.stringify({ delay: nanos(afterMs) })
    for (const { reply } of this.#held(deliveries)) connection.publish(reply, afterMs > 0 ? `-NAK ${delay}` : '-NAK')
    await connection.flush()
  }

  async bury(delivery: Delivery, reason: string): Promise<void> {
    const { deadLetters, name } = this.#options
    const [lease] = this.#held([delivery])
    if (lease === undefined) return
    // First kept, then let go: who dies between the two buries it again under the same id.
    await deadLetters.add({ consumer: name, delivery, sequence: lease.sequence, reason })
    await this.#settle(lease, terminate)
  }

  async backlog(): Promise<Backlog> {
    const { manager, durable } = this.#options
    return backlogOf(manager, await manager.consumers.info(pipelineStream, durable))
  }

  /** Where the consumer has gone meanwhile, with its stream or alone, there is nothing left to settle. */
  async #settle({ reply }: Lease, how: string): Promise<void> {
    const { connection, requestTimeoutMs } = this.#options
    try {
      await connection.request(reply, how, { timeout: requestTimeoutMs })
    } catch (error) {
      if (!isUnanswered(error)) throw error
    }
  }

  #pull(options: Pick<FetchOptions, 'most' | 'waitMs' | 'signal'>): Promise<readonly Msg[]> {
    const { connection, durable } = this.#options
    return pull({ ...options, connection, stream: pipelineStream, consumer: durable })
  }

  async #lend(pulled: readonly Msg[]): Promise<readonly Delivery[]> {
    const deliveries: Delivery[] = []
    for (const message of pulled) {
      const { reply = '' } = message
      const address = parseAckAddress(reply)
      const delivery = deliveryOf(message, address)
      this.#leases.set(delivery, {
        reply,
        sequence: address.sequence,
        untilMs: performance.now() + this.#options.ackWaitMs,
      })
      if (delivery.event.id === '') await this.bury(delivery, 'The body is not JSON.')
      else deliveries.push(delivery)
    }
    return deliveries.toSorted((one, other) => this.#leaseOf(one).sequence - this.#leaseOf(other).sequence)
  }

  /** The server takes back an event for whoever asks: those that were lent to somebody else meanwhile are left to them. */
  #held(deliveries: readonly Delivery[]): readonly Lease[] {
    const nowMs = performance.now()
    return deliveries.map((delivery) => this.#leaseOf(delivery)).filter(({ untilMs }) => nowMs < untilMs)
  }

  #leaseOf(delivery: Delivery): Lease {
    const lease = this.#leases.get(delivery)
    if (lease === undefined) throw new TypeError('expected a delivery that this consumer has fetched')
    return lease
  }
}

/** Asked anew after every wait. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

/** One that llmr did not write comes without an id, as the text it is. */
function deliveryOf(message: Msg, address: AckAddress): Delivery {
  const { attempt, publishedAtMs } = address
  try {
    return { ...readEvent(message, address), attempt }
  } catch {
    const event = { id: '', subject: message.subject, headers: {}, body: message.string() }
    return { event, attempt, publishedAtMs }
  }
}
