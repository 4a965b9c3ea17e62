import type { BusEvent } from '../core/bus.ts'
import type { Lineage, Turn } from '../core/turn.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'
import { subjects } from './subjects.ts'
import { writeClaims } from './turn-claims.ts'

export const turnType = 'llmr.knowledge.chat.persist.v1'
export const lineageType = 'llmr.knowledge.flow.lineage.v1'

/** A turn to be kept. Fields may be added to version 1; whatever else changes makes a version 2. */
export function writeTurnEvent(turn: Turn, source: EventSource): BusEvent {
  return {
    id: `${turn.requestId}/persist`,
    subject: subjects.persist,
    headers: cloudEvent({
      type: turnType,
      id: `${turn.requestId}/persist`,
      atMs: turn.startedAtMs,
      about: turn,
      source,
    }),
    body: {
      request_id: turn.requestId,
      correlation_id: turn.correlationId,
      tenant: turn.tenant,
      principal: turn.principal,
      identity: turn.place ?? 'unresolved',
      claims: writeClaims(turn.claims),
      user_text: turn.userText,
      kind: turn.kind,
      requested_model: turn.requestedModel,
      model: turn.model,
      backend: turn.backend,
      started_at_ms: turn.startedAtMs,
      duration_ms: turn.durationMs,
      outcome: turn.outcome,
      finish_reason: turn.finishReason,
      prompt_tokens: turn.promptTokens,
      cached_tokens: turn.cachedTokens,
      completion_tokens: turn.completionTokens,
      input: turn.input,
      output: turn.output,
      tool_calls: turn.toolCalls.map(({ id, name, argumentsText }) => ({ id, name, arguments: argumentsText })),
    },
  }
}

export function writeLineageEvent(flow: Lineage, source: EventSource): BusEvent {
  return {
    id: `${flow.requestId}/lineage`,
    subject: subjects.lineage,
    headers: cloudEvent({
      type: lineageType,
      id: `${flow.requestId}/lineage`,
      atMs: flow.startedAtMs,
      about: flow,
      source,
    }),
    body: {
      request_id: flow.requestId,
      correlation_id: flow.correlationId,
      principal: flow.principal,
      operation: flow.operation,
      model: flow.model,
      backend: flow.backend,
      status: flow.status,
      started_at_ms: flow.startedAtMs,
      duration_ms: flow.durationMs,
      facts: flow.facts,
    },
  }
}
