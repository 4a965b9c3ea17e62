import type { BusEvent } from '../core/bus.ts'
import type { Turn, TurnBeginning, TurnEnd } from '../core/turn.ts'
import { cloudEvent, type EventSource } from './cloud-event.ts'
import { subjects } from './subjects.ts'
import { writeClaims } from './turn-claims.ts'

export const turnType = 'llmr.knowledge.chat.persist.v1'

/** A turn to be kept. Fields may be added to version 1; whatever else changes makes a version 2. */
export function writeTurnEvent(turn: Turn, source: EventSource): BusEvent {
  return { ...envelopeOf(turn, source), body: { ...beginningOf(turn), ...endOf(turn) } }
}

/** The same event as JSON, as far as it is known before the end: `turnEventRest` goes on where it breaks off. */
export function turnEventBeginning(turn: TurnBeginning, source: EventSource): string {
  return JSON.stringify({ ...envelopeOf(turn, source), body: beginningOf(turn) }).slice(0, -closed.length)
}

/** Never empty: there is always an outcome. */
export function turnEventRest(end: TurnEnd): string {
  return `,${JSON.stringify(endOf(end)).slice(1)}${closed.slice(1)}`
}

/** Body and event, which is written last. */
const closed = '}}'

function envelopeOf(turn: TurnBeginning, source: EventSource): Omit<BusEvent, 'body'> {
  const id = `${turn.requestId}/persist`
  return {
    id,
    subject: subjects.persist,
    headers: cloudEvent({ type: turnType, id, atMs: turn.startedAtMs, about: turn, source }),
  }
}

function beginningOf(turn: TurnBeginning) {
  return {
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
    started_at_ms: turn.startedAtMs,
    input: turn.input,
  }
}

function endOf(turn: TurnEnd) {
  return {
    model: turn.model,
    backend: turn.backend,
    duration_ms: turn.durationMs,
    outcome: turn.outcome,
    finish_reason: turn.finishReason,
    prompt_tokens: turn.promptTokens,
    cached_tokens: turn.cachedTokens,
    completion_tokens: turn.completionTokens,
    output: turn.output,
    tool_calls: turn.toolCalls.map(({ id, name, argumentsText }) => ({ id, name, arguments: argumentsText })),
  }
}
