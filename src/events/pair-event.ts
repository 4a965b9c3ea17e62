import type { BusEvent } from '../core/bus.ts'
import { textAt } from '../core/foreign-json.ts'
import type { PairNotice, PairTask } from '../core/pair-notice.ts'
import { EventUnreadable } from './event-unreadable.ts'
import { subjects } from './subjects.ts'

export const pairTypes = {
  embedding: 'llmr.knowledge.chat.embedding.v1',
  summarise: 'llmr.knowledge.chat.summarise.v1',
} as const satisfies Record<PairTask, string>

/**
 * A round that is to be worked on. It holds no word of the conversation: whoever works on it reads that where it is kept,
 * so what is forgotten there is nowhere else.
 *
 * @param again tells a second event for the same round from the first, which counts once
 */
export function writePairEvent(task: PairTask, notice: PairNotice, again?: string): BusEvent {
  const { requestId, correlationId, principal } = notice
  const id = [requestId, task, ...(again === undefined ? [] : [again])].join('/')
  return {
    id,
    subject: subjects[task],
    headers: {
      'ce-specversion': '1.0',
      'ce-type': pairTypes[task],
      'ce-source': 'llmr/persist',
      'ce-id': id,
      'ce-subject': requestId,
      'content-type': 'application/json',
      'x-correlation-id': correlationId,
      'llmr-principal': principal,
    },
    body: { request_id: requestId, correlation_id: correlationId },
  }
}

/**
 * The request whose round is to be worked on. Whoever published it: without a type, its subject says enough.
 *
 * @throws EventUnreadable
 */
export function readPairEvent(task: PairTask, { headers, body }: BusEvent): string {
  const type = headers['ce-type']
  if (type !== undefined && type !== pairTypes[task])
    throw new EventUnreadable(`expected ce-type ${pairTypes[task]}, got ${type}`)
  const requestId = textAt(body, 'request_id')
  if (requestId === undefined) throw new EventUnreadable('expected a text as request_id, got none')
  return requestId
}
