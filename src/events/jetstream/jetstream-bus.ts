import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream'
import type { ConsumerConfig, JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'

import type { Bus, BusEvent, Consumer, ConsumerOptions, ConsumerStanding, DeadLetter } from '../../core/bus.ts'
import { eventsMax } from '../../core/bus.ts'
import { backlogOf } from './backlog-of.ts'
import { consumerName, consumerSubject, durableName, filterSubjects } from './consumer-names.ts'
import { DeadLetters } from './dead-letters.ts'
import { writeEvent } from './event-message.ts'
import { isUnanswered } from './is-unanswered.ts'
import { JetStreamConsumer } from './jetstream-consumer.ts'
import { ensureStreams, pipelineStream } from './streams.ts'

export interface JetStreamParts {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
  readonly manager: JetStreamManager
  readonly requestTimeoutMs: number
}

/** Lent to all processes of one consumer together; beyond it the server waits for some to be settled. */
const lentMax = 10_000

/** The stream carries events; what they tell of is kept by whoever works on them. */
export class JetStreamBus implements Bus {
  readonly #parts: JetStreamParts
  readonly #deadLetters: DeadLetters
  /** The highest that the server has acknowledged to this process. */
  #lastSequence = 0
  #setbacks = 0

  constructor(parts: JetStreamParts) {
    this.#parts = parts
    this.#deadLetters = new DeadLetters(parts)
  }

  async publish(events: readonly BusEvent[]): Promise<void> {
    if (events.length > eventsMax) {
      throw new RangeError(`expected at most ${eventsMax} events at once, got ${events.length}`)
    }
    try {
      await this.#publishAll(events)
    } catch (error) {
      // Somebody has deleted the stream. The same ids again do no harm to those that are there.
      if (!isUnanswered(error)) throw error
      await ensureStreams(this.#parts.manager)
      await this.#publishAll(events)
    }
  }

  async consumer({ name, subjects, ackWaitMs }: ConsumerOptions): Promise<Consumer> {
    const { manager } = this.#parts
    const durable = durableName(name)
    const filters = filterSubjects(name, subjects)
    const settings = {
      ack_wait: nanos(ackWaitMs),
      filter_subjects: [...filters],
      max_ack_pending: lentMax,
      // An outage would use up any number of attempts; what can never be done is put aside by the worker.
      max_deliver: -1,
    } satisfies Partial<ConsumerConfig>
    await ensureStreams(manager)
    try {
      await manager.consumers.add(pipelineStream, {
        ...settings,
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
      })
    } catch (error) {
      if (!isOther(error)) throw error
      const { config } = await manager.consumers.info(pipelineStream, durable)
      const before = config.filter_subjects ?? []
      const both = filterSubjects(
        name,
        [...before, ...subjects].filter((one) => one !== consumerSubject(name)),
      )
      await manager.consumers.update(pipelineStream, durable, { ...settings, filter_subjects: [...both] })
    }
    return new JetStreamConsumer({ ...this.#parts, name, durable, ackWaitMs, deadLetters: this.#deadLetters })
  }

  async removeConsumer(name: string): Promise<void> {
    try {
      await this.#parts.manager.consumers.delete(pipelineStream, durableName(name))
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === consumerNotFound)) throw error
    }
  }

  async consumers(): Promise<readonly ConsumerStanding[]> {
    const { manager } = this.#parts
    const standings: ConsumerStanding[] = []
    for await (const info of manager.consumers.list(pipelineStream)) {
      standings.push({ name: consumerName(info.name), backlog: await backlogOf(manager, info) })
    }
    return standings.toSorted((one, other) => one.name.localeCompare(other.name))
  }

  deadLetters(most: number): Promise<readonly DeadLetter[]> {
    return this.#deadLetters.latest(most)
  }

  redrive(id: string): Promise<boolean> {
    return this.#deadLetters.redrive(id)
  }

  /** Of the stream: when it was made, and how often it has fallen behind what it had acknowledged. */
  async epoch(): Promise<string> {
    const acknowledged = this.#lastSequence
    await ensureStreams(this.#parts.manager)
    const { created, state } = await this.#parts.manager.streams.info(pipelineStream)
    if (state.last_seq < acknowledged) {
      this.#setbacks += 1
      this.#lastSequence = state.last_seq
    }
    return `${created}/${this.#setbacks}`
  }

  /** The client would close the connection over it. */
  #expectRoom({ id }: BusEvent, payload: string): void {
    const max = (this.#parts.connection.info?.max_payload ?? Infinity) - headersBytesMax
    const bytes = Buffer.byteLength(payload)
    if (bytes > max) throw new RangeError(`expected an event of at most ${max} bytes, ${id} has ${bytes}`)
  }

  async #publishAll(events: readonly BusEvent[]): Promise<void> {
    await Promise.all(
      events.map(async (event) => {
        const { subject, headers, payload } = writeEvent(event)
        this.#expectRoom(event, payload)
        const { seq, duplicate } = await this.#parts.client.publish(subject, payload, { headers })
        if (!duplicate) this.#lastSequence = Math.max(this.#lastSequence, seq)
      }),
    )
  }
}

const consumerNotFound = 10_014

/** For an event's headers, beside its body. */
const headersBytesMax = 8 * 1024

/** A consumer of this name is there, in another configuration. */
const alreadyThere = new Set([10_013, 10_105, 10_148])

function isOther(error: unknown): boolean {
  return error instanceof JetStreamApiError && alreadyThere.has(error.code)
}
