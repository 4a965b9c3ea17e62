import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream'
import { JetStreamApiError } from '@nats-io/jetstream'

import type { DeadLetter, Delivery } from '../../core/bus.ts'
import { consumerSubject, durableName } from './consumer-names.ts'
import { writeRedriven } from './event-message.ts'
import { deadLetterStream, pipelineStream } from './streams.ts'

/** Sequences looked at in one go, the latest first. */
const pageSize = 64

const noMessageFound = 10_037
const consumerNotFound = 10_014

type StoredLetter = Omit<DeadLetter, 'id' | 'buriedAtMs'> & { readonly publishedAtMs: number }

/** A stream of its own, in which a letter is known by its sequence. */
export class DeadLetters {
  readonly #client: JetStreamClient
  readonly #manager: JetStreamManager

  constructor({ client, manager }: { client: JetStreamClient; manager: JetStreamManager }) {
    this.#client = client
    this.#manager = manager
  }

  async add(found: { consumer: string; delivery: Delivery; sequence: number; reason: string }): Promise<void> {
    const { consumer, delivery, sequence, reason } = found
    const { event, attempt, publishedAtMs } = delivery
    const letter: StoredLetter = { consumer, event, reason, attempts: attempt, publishedAtMs }
    await this.#client.publish(`pipeline.dlq.${durableName(consumer)}`, JSON.stringify(letter), {
      // A stream that was deleted begins to count anew.
      msgID: `${durableName(consumer)}/${sequence}/${publishedAtMs}`,
    })
  }

  async latest(most: number): Promise<readonly DeadLetter[]> {
    const { state } = await this.#manager.streams.info(deadLetterStream)
    const letters: DeadLetter[] = []
    let next = state.last_seq
    while (letters.length < most && next >= state.first_seq && state.messages > 0) {
      const sequences = Array.from({ length: Math.min(pageSize, next - state.first_seq + 1) }, (_, n) => next - n)
      const found = await Promise.all(sequences.map((sequence) => this.#read(sequence)))
      letters.push(...found.flatMap((letter) => (letter === undefined ? [] : [toDeadLetter(letter)])))
      next -= sequences.length
    }
    return letters.slice(0, most)
  }

  async redrive(id: string): Promise<boolean> {
    const sequence = /^\d{1,15}$/.test(id) ? Number(id) : 0
    const found = sequence > 0 ? await this.#read(sequence) : undefined
    if (found === undefined) return false
    const { consumer, event, publishedAtMs } = readLetter(found)
    if (!(await this.#hasConsumer(consumer))) return false
    // First published, then taken away: who dies between the two publishes the same message id again.
    const subject = consumerSubject(consumer)
    const messageId = `redriven/${durableName(consumer)}/${id}/${found.time.getTime()}`
    const { headers, payload } = writeRedriven(event, { subject, messageId, publishedAtMs })
    await this.#client.publish(subject, payload, { headers })
    return this.#manager.streams.deleteMessage(deadLetterStream, sequence, false)
  }

  async #read(sequence: number): Promise<StoredMsg | undefined> {
    return (
      (await unlessMissing(noMessageFound, this.#manager.streams.getMessage(deadLetterStream, { seq: sequence }))) ??
      undefined
    )
  }

  async #hasConsumer(name: string): Promise<boolean> {
    const info = this.#manager.consumers.info(pipelineStream, durableName(name))
    return (await unlessMissing(consumerNotFound, info)) !== undefined
  }
}

function readLetter(message: StoredMsg): StoredLetter {
  return message.json<StoredLetter>()
}

function toDeadLetter(message: StoredMsg): DeadLetter {
  const { consumer, event, reason, attempts } = readLetter(message)
  return { id: String(message.seq), consumer, event, reason, attempts, buriedAtMs: message.time.getTime() }
}

async function unlessMissing<Found>(code: number, asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === code) return undefined
    throw error
  }
}
