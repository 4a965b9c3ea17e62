import type { BusEvent } from '../core/bus.ts'
import { type Lineage, type Turn, type TurnToolCall, turnOutcomes } from '../core/turn.ts'
import { EventUnreadable } from './event-unreadable.ts'
import { lineageType, turnType } from './write-turn-event.ts'

export type TurnEvent =
  | { readonly type: 'turn'; readonly turn: Turn }
  | { readonly type: 'lineage'; readonly lineage: Lineage }

/**
 * What an event of a gateway says. Fields that are not known are passed over: they are of a later llmr.
 *
 * @throws EventUnreadable for a version that is not known, and for what is not as it should be
 */
export function readTurnEvent({ headers, body }: BusEvent): TurnEvent {
  const type = headers['ce-type']
  switch (type) {
    case turnType:
      return { type: 'turn', turn: readTurn(new Fields(body)) }
    case lineageType:
      return { type: 'lineage', lineage: readLineage(new Fields(body)) }
    default:
      throw new EventUnreadable(`expected ce-type ${turnType} or ${lineageType}, got ${type ?? 'none'}`)
  }
}

function readTurn(fields: Fields): Turn {
  return {
    requestId: fields.text('request_id'),
    correlationId: fields.text('correlation_id'),
    principal: fields.text('principal'),
    conversation: fields.maybeText('conversation'),
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

function readToolCall(value: unknown): TurnToolCall {
  const fields = new Fields(value)
  return { id: fields.text('id'), name: fields.text('name'), argumentsText: fields.text('arguments') }
}

function readLineage(fields: Fields): Lineage {
  return {
    requestId: fields.text('request_id'),
    correlationId: fields.text('correlation_id'),
    principal: fields.text('principal'),
    operation: fields.text('operation'),
    model: fields.maybeText('model'),
    backend: fields.maybeText('backend'),
    status: fields.number('status'),
    startedAtMs: fields.milliseconds('started_at_ms'),
    durationMs: fields.milliseconds('duration_ms'),
    facts: fields.object('facts'),
  }
}

const latestMs = 1e14

/** An object of JSON that somebody else wrote. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('the body', 'an object', value)
    this.#fields = new Map(Object.entries(value))
  }

  text(name: string): string {
    return this.maybeText(name) ?? this.#missing(name, 'a text')
  }

  maybeText(name: string): string | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && typeof value !== 'string') throw wrong(name, 'a text', value)
    return value
  }

  number(name: string): number {
    return this.maybeNumber(name) ?? this.#missing(name, 'a number')
  }

  /** Between 1970 and a year that every database knows. */
  milliseconds(name: string): number {
    const value = this.number(name)
    if (!(value >= 0 && value <= latestMs)) throw wrong(name, `milliseconds up to ${latestMs}`, value)
    return value
  }

  maybeNumber(name: string): number | undefined {
    const value = this.#fields.get(name)
    if (value !== undefined && typeof value !== 'number') throw wrong(name, 'a number', value)
    return value
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.text(name)
    return choices.find((choice) => choice === value) ?? this.#missing(name, `one of ${choices.join(', ')}`)
  }

  list(name: string): readonly unknown[] {
    const value = this.#fields.get(name)
    return Array.isArray(value) ? value : this.#missing(name, 'a list')
  }

  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.#fields.get(name)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#missing(name, 'an object')
    return Object.fromEntries(Object.entries(value))
  }

  #missing(name: string, expected: string): never {
    throw wrong(name, expected, this.#fields.get(name))
  }
}

/** Never shows a value: it may be content. */
function wrong(name: string, expected: string, value: unknown): EventUnreadable {
  const got = Array.isArray(value) ? 'a list' : value === null ? 'null' : typeof value
  return new EventUnreadable(`expected ${expected} as ${name}, got ${got}`)
}
