import type { BusEvent } from '../core/bus.ts'
import type { Flow } from '../core/flow.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'
import { writeSource } from './flow-event.ts'
import { subjects } from './subjects.ts'

const retrieveType = 'llmr.knowledge.retrieve.v1'

/**
 * What was looked for in a conversation, what was found, and what of that the model was shown: for whoever judges recall.
 * It holds ids, ranks and scores, never a word. `undefined` for a request that nothing was looked for.
 */
export function writeRetrieveEvent(flow: Flow, source: EventSource): BusEvent | undefined {
  const retrieval = flow.steps.find(({ type }) => type === 'retrieve')
  if (retrieval === undefined) return undefined
  const injection = flow.steps.find(({ type }) => type === 'inject')
  const id = `${flow.requestId}/retrieve`
  return {
    id,
    subject: subjects.retrieve,
    headers: cloudEvent({ type: retrieveType, id, atMs: flow.startedAtMs, about: flow, source }),
    body: {
      request_id: flow.requestId,
      correlation_id: flow.correlationId,
      tenant: flow.tenant,
      principal: flow.principal,
      conversation: flow.conversation,
      mode: retrieval.facts?.['mode'],
      found: retrieval.facts?.['found'],
      duration_us: retrieval.durationUs,
      injected_tokens: injection?.facts?.['tokens'] ?? 0,
      injected_digest: injection?.digest,
      sources: flow.sources.map(writeSource),
    },
  }
}
