import { DiscardPolicy, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'

import { everySubject } from '../subjects.ts'

export const pipelineStream = 'LLMR_PIPELINE'
export const deadLetterStream = 'LLMR_DEAD_LETTERS'

const hourMs = 3_600_000

/** Made as described here once; an operator may change what is kept, and where, in the server. */
const streams = [
  {
    name: pipelineStream,
    description: 'What happened in llmr, for its workers',
    // Events that are driven again go to one consumer alone, and so have subjects of their own.
    subjects: [everySubject, 'pipeline.redriven.>'],
    max_age: nanos(72 * hourMs),
    max_bytes: 1024 ** 3,
    duplicate_window: nanos(hourMs / 6),
  },
  {
    name: deadLetterStream,
    description: 'What the workers of llmr could not do',
    subjects: ['pipeline.dlq.>'],
    max_age: nanos(30 * 24 * hourMs),
    max_bytes: 256 * 1024 ** 2,
    duplicate_window: nanos(hourMs / 6),
  },
] satisfies readonly (Partial<StreamConfig> & { name: string })[]

/** Idempotent, and safe when several processes start at once. */
export async function ensureStreams(manager: JetStreamManager): Promise<void> {
  for (const stream of streams) {
    try {
      await manager.streams.add({
        ...stream,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        // A full stream pushes back into the spools of the gateways; dropping the oldest would lose it without a word.
        discard: DiscardPolicy.New,
        allow_direct: true,
      })
    } catch (error) {
      if (!isThere(error)) throw error
    }
  }
}

/** What the server says of a stream that is there in another configuration. */
const nameInUse = 10_058

function isThere(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === nameInUse
}
