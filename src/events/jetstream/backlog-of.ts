import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream'

import type { Backlog } from '../../core/bus.ts'
import { pipelineStream } from './streams.ts'

/** What a consumer has before it, out of what the server says of it. */
export async function backlogOf(manager: JetStreamManager, info: ConsumerInfo): Promise<Backlog> {
  const [waiting, lent] = [info.num_pending, info.num_ack_pending]
  if (waiting + lent === 0) return { waiting, lent }
  const publishedMs = await oldestAfter(manager, info)
  return {
    waiting,
    lent,
    ...(publishedMs !== undefined && { oldestMs: Math.max(0, serverTimeMs(info) - publishedMs) }),
  }
}

/** By the clock that has stamped the events: this machine's may be off. */
function serverTimeMs(info: ConsumerInfo): number {
  const timeMs = 'ts' in info && typeof info.ts === 'string' ? Date.parse(info.ts) : Number.NaN
  return Number.isNaN(timeMs) ? Date.now() : timeMs
}

/** All up to the floor are settled, so the next that it asks for is the oldest. */
async function oldestAfter(
  manager: JetStreamManager,
  { ack_floor: floor, config }: ConsumerInfo,
): Promise<number | undefined> {
  const found = await Promise.all(
    (config.filter_subjects ?? []).map(
      (filter) =>
        manager.direct
          .getMessage(pipelineStream, { seq: floor.stream_seq + 1, next_by_subj: filter })
          .catch(() => null), // there is none
    ),
  )
  const times = found.flatMap((message) => (message === null ? [] : [message.time.getTime()]))
  return times.length === 0 ? undefined : Math.min(...times)
}
