import { createHash } from 'node:crypto'

import type { BusEvent } from '../../core/bus.ts'
import type { Message } from '../../core/chat/message.ts'
import type { MemoryScope } from '../../core/memory-scope.ts'
import type { RequestRecord } from '../../core/request-record.ts'
import type { EventSource } from '../../events/cloud-event.ts'
import { writeFileReadEvent } from '../../events/file-read-event.ts'
import { finishedReads } from '../../toolcalls/history/finished-reads.ts'

/** Bytes. Of what is larger only the digest is told: spool and brokers are no place for it. */
const contentBytesMax = 256 * 1024
/** Of one request; agents that read more at once are told of in part. */
const readsMax = 32
/** Reads remembered as told, the latest. */
const toldMax = 10_000

/** Whose the read is; a request that found no place in time has no conversation yet. */
export interface Reader extends MemoryScope {
  readonly conversation: string | undefined
}

/** Tells what files agents have read: once for each conversation, path and content, as far as a bounded memory goes. */
export class FileReadTeller {
  readonly #source: EventSource
  readonly #told = new Set<string>()

  constructor(source: EventSource) {
    this.#source = source
  }

  eventsOf(
    record: RequestRecord,
    { tenant, principal, conversation = '' }: Reader,
    messages: readonly Message[],
  ): readonly BusEvent[] {
    return finishedReads(messages)
      .slice(0, readsMax)
      .flatMap(({ callId, path, content }) => {
        const bytes = Buffer.byteLength(content)
        const sha256 = createHash('sha256').update(content).digest('hex')
        if (this.#isTold([tenant, principal, conversation, path, sha256].join('\n'))) return []
        const { requestId, correlationId, startedAtMs: atMs } = record
        const kept = bytes <= contentBytesMax ? { content } : {}
        const read = { tenant, principal, requestId, correlationId, callId, path, sha256, bytes, ...kept }
        return [writeFileReadEvent(read, { atMs, source: this.#source })]
      })
  }

  #isTold(key: string): boolean {
    const isTold = this.#told.delete(key)
    this.#told.add(key)
    const [oldest] = this.#told
    if (this.#told.size > toldMax && oldest !== undefined) this.#told.delete(oldest)
    return isTold
  }
}
