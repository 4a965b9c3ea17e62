import type { BusEvent } from '../core/bus.ts'
import { EventFields } from './event-fields.ts'
import { type ShownRound, type Turn, type TurnToolCall, turnOutcomes } from '../core/turn.ts'
import type { TurnPlace } from '../core/turn-place.ts'
import { readClaims } from './turn-claims.ts'
import { EventUnreadable } from './event-unreadable.ts'
import { turnType } from './write-turn-event.ts'

/**
 * What the event of a turn says. Fields that are not known are passed over: they are of a later llmr.
 *
 * @throws EventUnreadable for a version that is not known, and for what is not as it should be
 */
export function readTurnEvent({ headers, body }: BusEvent): Turn {
  const type = headers['ce-type']
  if (type !== turnType) throw new EventUnreadable(`expected ce-type ${turnType}, got ${type ?? 'none'}`)
  return readTurn(new EventFields(body))
}

function readTurn(fields: EventFields): Turn {
  return {
    requestId: fields.text('request_id'),
    correlationId: fields.text('correlation_id'),
    tenant: fields.text('tenant'),
    principal: fields.text('principal'),
    place: readPlace(fields),
    claims: readClaims(fields.inner('claims')),
    userText: fields.text('user_text'),
    history: fields.maybeList('history')?.map(readShownRound),
    kind: fields.text('kind'),
    requestedModel: fields.maybeText('requested_model'),
    model: fields.maybeText('model'),
    backend: fields.maybeText('backend'),
    startedAtMs: fields.milliseconds('started_at_ms'),
    durationMs: fields.milliseconds('duration_ms'),
    outcome: fields.oneOf('outcome', turnOutcomes),
    finishReason: fields.maybeText('finish_reason'),
    promptTokens: fields.maybeNumber('prompt_tokens'),
    cachedTokens: fields.maybeNumber('cached_tokens'),
    completionTokens: fields.maybeNumber('completion_tokens'),
    input: fields.list('input'),
    output: fields.list('output'),
    toolCalls: fields.list('tool_calls').map(readToolCall),
  }
}

/** A text says why there is none. */
function readPlace(fields: EventFields): TurnPlace | undefined {
  const identity = fields.textOrInner('identity')
  if (typeof identity === 'string') return undefined
  return { conversation: identity.text('conversation'), turn: identity.text('turn'), reply: identity.text('reply') }
}

function readShownRound(value: unknown): ShownRound {
  const fields = new EventFields(value)
  return {
    number: fields.count('number'),
    userText: fields.text('user_text'),
    replyText: fields.text('reply_text'),
  }
}

function readToolCall(value: unknown): TurnToolCall {
  const fields = new EventFields(value)
  return { id: fields.text('id'), name: fields.text('name'), argumentsText: fields.text('arguments') }
}
