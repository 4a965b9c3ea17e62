import type { BusEvent } from '../core/bus.ts'
import type { Turn } from '../core/turn.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'
import { subjects } from './subjects.ts'
import { writeClaims } from './turn-claims.ts'

export const turnType = 'llmr.knowledge.chat.persist.v1'

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
      history: turn.history?.map(({ number, userText, replyText }) => ({
        number,
        user_text: userText,
        reply_text: replyText,
      })),
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
