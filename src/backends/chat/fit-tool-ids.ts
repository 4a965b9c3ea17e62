import { hash } from 'node:crypto'

import { listAt, textAt } from '../../core/foreign-json.ts'
import type { ToolIdForm } from '../../core/tool-id-form.ts'

/**
 * The ids of calls and their results in a chat in OpenAI's shape, as the model's chat template wants them. The same id
 * becomes the same each time, and later messages change nothing about earlier ones, so that an engine finds again what
 * it has read. Ids that are right already stay. Replies need no way back: what a client gets are the engine's own ids.
 *
 * @returns the same body when nothing had to change
 */
export function fitToolIds<Body extends Readonly<Record<string, unknown>>>(body: Body, form: ToolIdForm): Body {
  if (form === 'any') return body
  const messages = listAt(body, 'messages')
  const ids = new Ids(form)
  let hasChanged = false
  const fitted = messages.map((message) => {
    const changed = fitMessage(message, ids)
    hasChanged ||= changed !== message
    return changed
  })
  return hasChanged ? { ...body, messages: fitted } : body
}

function fitMessage(message: unknown, ids: Ids): unknown {
  if (!isObject(message)) return message
  if (message['role'] === 'tool') {
    const given = textAt(message, 'tool_call_id')
    const id = given === undefined ? undefined : ids.of(given)
    return id === undefined || id === given ? message : { ...message, tool_call_id: id }
  }
  const calls = listAt(message, 'tool_calls')
  if (calls.length === 0) return message
  const fitted = calls.map((call) => {
    const given = textAt(call, 'id') ?? ''
    const id = ids.begin(given, textAt(call, 'function', 'name') ?? '')
    return !isObject(call) || id === given ? call : { ...call, id }
  })
  return fitted.every((call, index) => call === calls[index]) ? message : { ...message, tool_calls: fitted }
}

/** One conversation's. A result belongs to the last call before it that has its id. */
class Ids {
  readonly #form: ToolIdForm
  readonly #fittedBy = new Map<string, string>()
  readonly #takenBy = new Map<string, string>()
  #calls = 0

  constructor(form: ToolIdForm) {
    this.#form = form
  }

  begin(given: string, name: string): string {
    const fitted = this.#form === 'function-index' ? this.#functionIndex(given, name) : this.#nineCharacters(given)
    this.#fittedBy.set(given, fitted)
    return fitted
  }

  /** Of a result without a call, which a template may refuse for its id before it refuses it for that. */
  of(given: string): string {
    return this.#fittedBy.get(given) ?? (this.#form === 'function-index' ? given : this.#nineCharacters(given))
  }

  /** What the model wrote itself stays, unless it began to count anew and wrote it twice. */
  #functionIndex(given: string, name: string): string {
    const prefix = `functions.${name}:`
    const isRight = given.startsWith(prefix) && /^\d+$/.test(given.slice(prefix.length))
    let index = this.#calls++
    let fitted = isRight ? given : `${prefix}${index}`
    while (this.#takenBy.has(fitted)) fitted = `${prefix}${index++}`
    this.#takenBy.set(fitted, given)
    return fitted
  }

  /** Two ids never become one, however unlikely: a result would belong to another call. */
  #nineCharacters(given: string): string {
    for (let attempt = 0; ; attempt++) {
      const fitted = attempt === 0 && nineCharacters.test(given) ? given : digest(given, attempt)
      const takenBy = this.#takenBy.get(fitted) ?? given
      this.#takenBy.set(fitted, takenBy)
      if (takenBy === given) return fitted
    }
  }
}

const nineCharacters = /^[A-Za-z0-9]{9}$/

/** 45 bits, in letters and digits. */
function digest(given: string, attempt: number): string {
  const bits = BigInt(`0x${hash('sha256', `${attempt} ${given}`, 'hex').slice(0, 16)}`) % 32n ** 9n
  return bits.toString(32).padStart(9, '0')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
